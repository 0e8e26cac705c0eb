package dev.tocsin.segment.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.segment.column.AttributeColumns;
import dev.tocsin.segment.column.ColumnReader;
import dev.tocsin.segment.column.Frames;
import dev.tocsin.segment.column.Piece;
import dev.tocsin.segment.column.Sections;
import dev.tocsin.segment.column.SegmentFormatException;
import dev.tocsin.segment.column.WideNumbers;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A stored segment, read by rows; its blobs may be here only in part, see {@link #missing}. A
 * service's rows are contiguous; those of a few services make a frame, which is decoded when the
 * first of them is asked for; everything else when any row asks for it. Not thread-safe.
 */
public abstract class Segment {
  private static final int ITEMS_MAX = 1 << 24;

  /** Places of blobs that both kinds of segments have. */
  public static final int ROWS_BLOB = 0;

  protected static final int ATTRS_BLOB = 2;

  private final Sections.Reader[] blobs;
  private final OriginColumns.Reader origins;
  private final Map<Integer, List<KeyValue>> resourceAttributes = new HashMap<>();
  private @Nullable Head head;
  private @Nullable Frame current;
  private AttributeColumns.@Nullable Reader attributes;
  private Ids.@Nullable Traces traces;

  /** What is decoded first. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Head(
      int count, long baseNanos, Frames frames, String[] names, @Nullable Frame[] decoded) {}

  /** Rows of a few services: at first what tells their shapes, the rest when it is asked for. */
  public abstract static class Frame {
    public final int from;
    public final int to;
    public final int[] resource;
    public final int[] scope;
    private @Nullable ColumnReader rest;
    private String name = "";

    protected Frame(int from, int to) {
      this.from = from;
      this.to = to;
      this.resource = new int[to - from];
      this.scope = new int[to - from];
    }

    protected abstract int shape(int row);

    /** Reads the rest of the frame, which is told apart from what came before by its place only. */
    protected abstract void readRest(ColumnReader in, WideNumbers.Reader wide);
  }

  protected Segment(String kind, int format, int supported, byte[]... wholeBlobs) {
    requireFormat(kind, format, supported);
    blobs = new Sections.Reader[wholeBlobs.length];
    for (int i = 0; i < blobs.length; i++) {
      blobs[i] = new Sections.Reader(wholeBlobs[i]);
    }
    origins = new OriginColumns.Reader(blobs[ROWS_BLOB]);
  }

  /**
   * With nothing of its blobs yet.
   *
   * @param beginnings bytes of each blob to fetch first
   */
  protected Segment(String kind, int format, int supported, int[] beginnings) {
    requireFormat(kind, format, supported);
    blobs = new Sections.Reader[beginnings.length];
    for (int i = 0; i < blobs.length; i++) {
      blobs[i] = new Sections.Reader(beginnings[i]);
    }
    origins = new OriginColumns.Reader(blobs[ROWS_BLOB]);
  }

  private static void requireFormat(String kind, int format, int supported) {
    if (format != supported) {
      throw new SegmentFormatException(
          kind + " segment format " + format + " (expected: " + supported + ")");
    }
  }

  /** To be told how many bytes a part of it takes before it is inflated. */
  public void onInflate(LongConsumer told) {
    for (Sections.Reader blob : blobs) {
      blob.onInflate(told);
    }
  }

  protected Sections.Reader blob(int place) {
    return blobs[place];
  }

  private Head head() {
    Head known = head;
    if (known == null) {
      ColumnReader in = blobs[ROWS_BLOB].section("head");
      int count = in.count(ITEMS_MAX);
      long baseNanos = in.signed();
      Frames frames = Frames.read(in, count);
      ColumnReader list = blobs[ROWS_BLOB].section("names");
      String[] names = new String[list.count(list.remaining())];
      for (int i = 0; i < names.length; i++) {
        names[i] = list.text();
      }
      known = new Head(count, baseNanos, frames, names, new Frame[frames.count()]);
      head = known;
    }
    return known;
  }

  protected long baseNanos() {
    return head().baseNanos();
  }

  protected String[] names() {
    return head().names();
  }

  /** Reads the beginning of a frame: what tells the shapes of its rows. */
  protected abstract Frame decode(ColumnReader in, int from, int to);

  /** The frame a row is in, decoded as a whole by then. */
  protected Frame wholeFrameOf(int row) {
    Frame frame = frameOf(row);
    ColumnReader rest = frame.rest;
    if (rest != null) {
      frame.readRest(rest, new WideNumbers.Reader(blobs[ROWS_BLOB], frame.name));
      frame.rest = null;
    }
    return frame;
  }

  /** The frame a row is in, of which the shapes are decoded by then. */
  protected Frame frameOf(int row) {
    Frame last = current;
    if (last != null && row >= last.from && row < last.to) {
      return last;
    }
    Head known = head();
    int number = known.frames().of(row);
    Frame frame = known.decoded()[number];
    if (frame == null) {
      int[] begins = known.frames().frames;
      String name = Integer.toString(number);
      ColumnReader in = blobs[ROWS_BLOB].section(name);
      frame = decode(in, begins[number], begins[number + 1]);
      frame.rest = in;
      frame.name = name;
      known.decoded()[number] = frame;
    }
    current = frame;
    return frame;
  }

  // What is still to be fetched.

  /**
   * Pieces of the blobs that are not here yet, as far as can be told from those that are: to be
   * {@link #add}ed, and asked for again, until none is missing.
   *
   * @param service the only one whose rows are looked at; with attributes, all rows are needed
   */
  public List<Piece> missing(Need need, Optional<String> service) {
    List<Piece> pieces = new ArrayList<>();
    if (need.has(Need.Part.ALL)) {
      for (int i = 0; i < blobs.length; i++) {
        blobs[i].addMissing(i, pieces);
      }
      return pieces;
    }
    boolean everyRow = service.isEmpty() || needsEveryRow(need);
    if (everyRow && need.has(Need.Part.ROWS)) {
      blobs[ROWS_BLOB].addMissing(ROWS_BLOB, pieces);
    } else {
      blobs[ROWS_BLOB].addMissing(ROWS_BLOB, List.of("head", "names"), pieces);
      if (pieces.isEmpty()) {
        blobs[ROWS_BLOB].addMissing(ROWS_BLOB, rowSections(need, service), pieces);
      }
    }
    if (!need.keys().isEmpty()) {
      Sections.Reader columns = blobs[ATTRS_BLOB];
      int before = pieces.size();
      columns.addMissing(ATTRS_BLOB, AttributeColumns.Reader.DIRECTORY, pieces);
      if (pieces.size() == before) {
        columns.addMissing(
            ATTRS_BLOB, AttributeColumns.Reader.sectionsOf(columns, need.keys()), pieces);
      }
    }
    addMissing(need, pieces);
    return pieces;
  }

  private Set<String> rowSections(Need need, Optional<String> service) {
    Set<String> sections = new LinkedHashSet<>();
    int from = service.map(this::firstRow).orElse(0);
    int to = service.map(this::endRow).orElse(0);
    if (need.has(Need.Part.ROWS) && to > from) {
      String name = Integer.toString(head().frames().of(from));
      sections.add(name);
      sections.addAll(WideNumbers.sections(name));
    }
    if (need.has(Need.Part.RESOURCES)) {
      sections.add("resources");
    }
    if (need.has(Need.Part.SCOPES)) {
      sections.add("scopes");
    }
    return sections;
  }

  /** Whether a row's values can only be found by counting those of all rows before it. */
  public boolean needsEveryRow(Need need) {
    return !need.keys().isEmpty();
  }

  /** What only one kind of segment has. */
  protected abstract void addMissing(Need need, List<Piece> pieces);

  /** Takes a piece that was missing; shorter than asked for where the blob ends. */
  public void add(Piece piece, byte[] bytes) {
    blobs[piece.blob()].add(piece.from(), bytes, bytes.length < piece.length());
  }

  // Rows.

  public int count() {
    return head().count();
  }

  /** Services in the segment, ascending. */
  public List<String> services() {
    return List.of(head().frames().services);
  }

  /** The first row of a service's; its rows are contiguous. 0 when it has none. */
  public int firstRow(String service) {
    int place = head().frames().find(service);
    return place < 0 ? 0 : head().frames().firsts[place];
  }

  /** The row after the last of a service's; equal to {@link #firstRow} when it has none. */
  public int endRow(String service) {
    int place = head().frames().find(service);
    return place < 0 ? 0 : head().frames().firsts[place + 1];
  }

  public String service(int row) {
    Frames frames = head().frames();
    return frames.services[frames.serviceOf(row)];
  }

  /** Nanoseconds since 1970: when a span began, or the time a log record is filed under. */
  public abstract long nanos(int row);

  /** When the item of a row was over: when it was, but of what lasts. */
  public long endNanos(int row) {
    return nanos(row);
  }

  protected abstract Ids.Traces readTraces();

  protected Ids.Traces traces() {
    Ids.Traces known = traces;
    if (known == null) {
      known = readTraces();
      traces = known;
    }
    return known;
  }

  public ByteString traceId(int row) {
    return traces().get(row);
  }

  /** The rows of a trace, ascending; decodes only trace ids. */
  public int[] rowsOfTrace(ByteString traceId) {
    return traces().rows(traceId);
  }

  /** Per row the place of its trace in the list, -1 for another trace; decodes only trace ids. */
  public int[] placesOfTraces(List<ByteString> traceIds) {
    return traces().placesIn(traceIds);
  }

  // Attributes.

  private AttributeColumns.Reader attributeColumns() {
    AttributeColumns.Reader reader = attributes;
    if (reader == null) {
      int[] shapes = new int[count()];
      for (int row = 0; row < shapes.length; row++) {
        shapes[row] = frameOf(row).shape(row);
      }
      reader = new AttributeColumns.Reader(blobs[ATTRS_BLOB], shapes);
      attributes = reader;
    }
    return reader;
  }

  public List<KeyValue> attributes(int row) {
    return attributeColumns().attributes(row);
  }

  /**
   * Keeps rows whose item has a value of the key that passes. Decodes only the columns of that key.
   *
   * @param text when given, no value that is another as text passes
   */
  public void retainAttribute(
      String key, @Nullable String text, Predicate<AnyValue> test, BitSet rows) {
    attributeColumns().retain(key, text, test, rows);
  }

  /** Keeps rows whose resource passes; each is tested once. */
  public void retainResource(Predicate<List<KeyValue>> test, BitSet rows) {
    Map<Integer, Boolean> passed = new HashMap<>();
    retain(
        rows,
        row -> {
          Frame frame = wholeFrameOf(row);
          return passed.computeIfAbsent(
              frame.resource[row - frame.from], place -> test.test(resourceAttributes(place)));
        });
  }

  /** Keeps rows whose scope passes; each is tested once. */
  public void retainScope(Predicate<List<KeyValue>> test, BitSet rows) {
    Map<Integer, Boolean> passed = new HashMap<>();
    retain(
        rows,
        row -> {
          Frame frame = wholeFrameOf(row);
          return passed.computeIfAbsent(
              frame.scope[row - frame.from],
              place -> test.test(scopeAt(place).getScope().getAttributesList()));
        });
  }

  protected static void retain(BitSet rows, IntPredicate test) {
    for (int row = rows.nextSetBit(0); row >= 0; row = rows.nextSetBit(row + 1)) {
      if (!test.test(row)) {
        rows.clear(row);
      }
    }
  }

  private List<KeyValue> resourceAttributes(int place) {
    List<KeyValue> known = resourceAttributes.get(place);
    if (known == null) {
      known = resourceAt(place).getResource().getAttributesList();
      resourceAttributes.put(place, known);
    }
    return known;
  }

  /** Attributes of the resource of a row. */
  public List<KeyValue> resourceAttributesOf(int row) {
    Frame frame = wholeFrameOf(row);
    return resourceAttributes(frame.resource[row - frame.from]);
  }

  /** Where the item of a row came from. */
  public Origin origin(int row) {
    return new Origin(resourceBytes(row), scopeBytes(row), service(row));
  }

  protected ByteString resourceBytes(int row) {
    Frame frame = wholeFrameOf(row);
    return origins.resource(frame.resource[row - frame.from]);
  }

  protected ByteString scopeBytes(int row) {
    Frame frame = wholeFrameOf(row);
    return origins.scope(frame.scope[row - frame.from]);
  }

  /** A resource without its scopes; those of logs have it in the same fields. */
  protected ResourceSpans resourceAt(int place) {
    try {
      return ResourceSpans.parseFrom(origins.resource(place));
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("stored resource: " + e.getMessage(), e);
    }
  }

  /** A scope without its items; those of logs have it in the same fields. */
  protected ScopeSpans scopeAt(int place) {
    try {
      return ScopeSpans.parseFrom(origins.scope(place));
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("stored scope: " + e.getMessage(), e);
    }
  }
}
