package dev.tocsin.segment.span;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.segment.column.ColumnReader;
import dev.tocsin.segment.column.Piece;
import dev.tocsin.segment.column.Sections;
import dev.tocsin.segment.column.SegmentFormatException;
import dev.tocsin.segment.column.SparseBytes;
import dev.tocsin.segment.column.Stream;
import dev.tocsin.segment.column.WideNumbers;
import dev.tocsin.segment.core.Ids;
import dev.tocsin.segment.core.Need;
import dev.tocsin.segment.core.Segment;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A stored span segment; see {@link SpanSegments} for the format. Not thread-safe. */
public final class SpanSegment extends Segment {
  /** Columns of the table, in the order of the blobs. */
  public static final List<String> BLOBS = List.of("core", "ids", "attrs", "events");

  /** Of the ids as much as the traces of a usual segment take: they are what is asked for. */
  private static final int[] BEGINNINGS = {
    Sections.Reader.BEGINNING, 24_000, Sections.Reader.BEGINNING, Sections.Reader.BEGINNING
  };

  private static final int IDS_BLOB = 1;
  private static final int EVENTS_BLOB = 3;

  private ByteString @Nullable [] spanIds;
  private ByteString @Nullable [] parentIds;
  private @Nullable BitSet roots;
  private @Nullable SparseBytes rest;

  private static final class SpanFrame extends Frame {
    private final long baseNanos;
    final SpanSegments.Op[] ops;
    final int[] op;
    final long[] startNanos;
    final long[] durationNanos;
    final long[] flags;

    SpanFrame(int from, int to, long baseNanos, SpanSegments.Op[] ops) {
      super(from, to);
      this.baseNanos = baseNanos;
      this.ops = ops;
      op = new int[to - from];
      startNanos = new long[to - from];
      durationNanos = new long[to - from];
      flags = new long[to - from];
    }

    SpanSegments.Op op(int row) {
      return ops[op[row - from]];
    }

    @Override
    protected int shape(int row) {
      return op(row).shape();
    }

    @Override
    protected void readRest(ColumnReader in, WideNumbers.Reader wide) {
      int size = to - from;
      Stream.read(in, wide, startNanos, 0, size);
      long start = baseNanos;
      for (int i = 0; i < size; i++) {
        start += startNanos[i];
        startNanos[i] = start;
      }
      Stream.read(in, wide, durationNanos, 0, size);
      Stream.read(in, flags, 0, size);
      Stream.read(in, resource, 0, size, Integer.MAX_VALUE);
      Stream.read(in, scope, 0, size, Integer.MAX_VALUE);
    }
  }

  /**
   * With all of its blobs.
   *
   * @param format as stored beside the blobs
   * @throws SegmentFormatException when it is no known format
   */
  public SpanSegment(int format, byte[] core, byte[] ids, byte[] attrs, byte[] events) {
    super("span", format, SpanSegments.FORMAT, core, ids, attrs, events);
  }

  /** With nothing of its blobs yet. */
  public SpanSegment(int format) {
    super("span", format, SpanSegments.FORMAT, BEGINNINGS);
  }

  @Override
  protected void addMissing(Need need, List<Piece> pieces) {
    List<String> ids = new ArrayList<>();
    if (need.has(Need.Part.TRACES)) {
      ids.addAll(Ids.Traces.SECTIONS);
    }
    if (need.has(Need.Part.ROOTS)) {
      ids.add("parent");
    }
    if (!ids.isEmpty()) {
      blob(IDS_BLOB).addMissing(IDS_BLOB, ids, pieces);
    }
    if (need.has(Need.Part.REST)) {
      blob(EVENTS_BLOB).addMissing(EVENTS_BLOB, pieces);
    }
  }

  @Override
  protected SpanFrame decode(ColumnReader in, int from, int to) {
    SpanSegments.Op[] list = new SpanSegments.Op[in.count(in.remaining())];
    for (int i = 0; i < list.length; i++) {
      list[i] =
          new SpanSegments.Op(
              in.index(names().length),
              (int) in.signed(),
              (int) in.signed(),
              in.count(Integer.MAX_VALUE));
    }
    SpanFrame frame = new SpanFrame(from, to, baseNanos(), list);
    Stream.read(in, frame.op, 0, to - from, list.length);
    return frame;
  }

  private SpanSegments.Op op(int row) {
    return ((SpanFrame) frameOf(row)).op(row);
  }

  private SpanFrame frame(int row) {
    return (SpanFrame) wholeFrameOf(row);
  }

  @Override
  protected Ids.Traces readTraces() {
    return Ids.Traces.byTime(blob(IDS_BLOB), count());
  }

  public ByteString spanId(int row) {
    return spanIds()[row];
  }

  private ByteString[] spanIds() {
    ByteString[] known = spanIds;
    if (known == null) {
      known = Ids.readSpans(blob(IDS_BLOB).section("span"), count());
      spanIds = known;
    }
    return known;
  }

  public ByteString parentId(int row) {
    ByteString[] known = parentIds;
    if (known == null) {
      known = Ids.readParents(blob(IDS_BLOB).section("parent"), traces(), spanIds());
      parentIds = known;
    }
    return known[row];
  }

  /** Whether the span of a row has no parent; decodes no ids. */
  public boolean isRoot(int row) {
    BitSet known = roots;
    if (known == null) {
      known = Ids.readRoots(blob(IDS_BLOB).section("parent"), count());
      roots = known;
    }
    return known.get(row);
  }

  public String name(int row) {
    return names()[op(row).name()];
  }

  public int kind(int row) {
    return op(row).kind();
  }

  /** The status code, 0 when the span has no status. */
  public int status(int row) {
    return op(row).statusCode();
  }

  @Override
  public long nanos(int row) {
    return startNanos(row);
  }

  /** A span that says it ended before it began, or never, is over at once. */
  @Override
  public long endNanos(int row) {
    return Math.max(startNanos(row), startNanos(row) + durationNanos(row));
  }

  public long startNanos(int row) {
    SpanFrame frame = frame(row);
    return frame.startNanos[row - frame.from];
  }

  public long durationNanos(int row) {
    SpanFrame frame = frame(row);
    return frame.durationNanos[row - frame.from];
  }

  /** The span as it came. */
  public Span span(int row) {
    SpanFrame frame = frame(row);
    SpanSegments.Op operation = frame.op(row);
    int place = row - frame.from;
    Span.Builder span =
        Span.newBuilder()
            .setTraceId(traceId(row))
            .setSpanId(spanId(row))
            .setParentSpanId(parentId(row))
            .setName(names()[operation.name()])
            .setKindValue(operation.kind())
            .setStartTimeUnixNano(frame.startNanos[place])
            .setEndTimeUnixNano(frame.startNanos[place] + frame.durationNanos[place])
            .setFlags((int) frame.flags[place])
            .addAllAttributes(attributes(row));
    if (operation.hasStatus()) {
      span.getStatusBuilder().setCodeValue(operation.statusCode());
    }
    ByteString remainder = rest().get(row);
    try {
      return remainder == null ? span.build() : span.mergeFrom(remainder).build();
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("stored span: " + e.getMessage(), e);
    }
  }

  private SparseBytes rest() {
    SparseBytes known = rest;
    if (known == null) {
      known = new SparseBytes(blob(EVENTS_BLOB), count());
      rest = known;
    }
    return known;
  }

  /**
   * Keeps rows of which that passes what no column holds: events, links and trace state are as they
   * came, but most other fields are missing.
   */
  public void retainRest(Predicate<Span> test, BitSet rows) {
    retain(
        rows,
        row -> {
          ByteString bytes = rest().get(row);
          try {
            return bytes != null && test.test(Span.parseFrom(bytes));
          } catch (InvalidProtocolBufferException e) {
            throw new SegmentFormatException("stored span: " + e.getMessage(), e);
          }
        });
  }

  /** The rows as OTLP, grouped by resource and scope. */
  public List<ResourceSpans> resourceSpans(List<Integer> rows) {
    Map<Integer, Map<Integer, ScopeSpans.Builder>> grouped = new HashMap<>();
    Map<Integer, ResourceSpans.Builder> resources = new HashMap<>();
    for (int row : rows) {
      Frame frame = wholeFrameOf(row);
      int resource = frame.resource[row - frame.from];
      int scope = frame.scope[row - frame.from];
      resources.computeIfAbsent(resource, place -> resourceAt(place).toBuilder());
      grouped
          .computeIfAbsent(resource, place -> new HashMap<>())
          .computeIfAbsent(scope, place -> scopeAt(place).toBuilder())
          .addSpans(span(row));
    }
    List<ResourceSpans> all = new ArrayList<>();
    resources.forEach(
        (place, each) -> {
          grouped.getOrDefault(place, Map.of()).values().forEach(each::addScopeSpans);
          all.add(each.build());
        });
    return all;
  }
}
