package dev.tocsin.storage.segment;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A stored log segment, read by rows. A service's rows are contiguous, in ascending time; those of
 * a few services are decoded when the first of them is asked for; ids, bodies and attributes when
 * any row asks for them, so a blob that is not asked for may be empty. Not thread-safe.
 */
public final class LogSegment {
  private static final int RECORDS_MAX = 1 << 24;

  private final int count;
  private final long baseNanos;
  private final Sections.Reader meta;
  private final Frames frames;
  private final String[] names;
  private final OriginColumns.Reader origins;
  private final LogSegments.Kind[] @Nullable [] kinds;
  private final int[] kind;
  private final long[] nanos;
  private final long[] times;
  private final long[] observed;
  private final long[] flags;
  private final int[] resource;
  private final int[] scope;
  private final SparseBytes rest;
  private final byte[] bodyBlob;
  private final byte[] attrsBlob;
  private Ids.@Nullable Traces traces;
  private ByteString @Nullable [] spanIds;
  private BytesColumn.@Nullable Reader texts;
  private BytesColumn.@Nullable Reader others;
  private int @Nullable [] bodyPlaces;
  private AttributeColumns.@Nullable Reader attributes;
  private final Map<Integer, List<KeyValue>> resourceAttributes = new HashMap<>();

  /**
   * @param format as stored beside the blobs
   * @throws SegmentFormatException when the blobs are no segment of a known format
   */
  public LogSegment(int format, byte[] meta, byte[] body, byte[] attrs) {
    if (format != LogSegments.FORMAT) {
      throw new SegmentFormatException(
          "log segment format " + format + " (expected: " + LogSegments.FORMAT + ")");
    }
    this.meta = new Sections.Reader(meta);
    ColumnReader head = this.meta.section("head");
    count = head.count(RECORDS_MAX);
    baseNanos = head.signed();
    frames = Frames.read(head, count);
    ColumnReader list = this.meta.section("names");
    names = new String[list.count(list.remaining())];
    for (int i = 0; i < names.length; i++) {
      names[i] = list.text();
    }
    origins = new OriginColumns.Reader(this.meta);
    kinds = new LogSegments.Kind[frames.count()][];
    kind = new int[count];
    nanos = new long[count];
    times = new long[count];
    observed = new long[count];
    flags = new long[count];
    resource = new int[count];
    scope = new int[count];
    rest = new SparseBytes(this.meta, count);
    bodyBlob = body;
    attrsBlob = attrs;
  }

  /** The kinds of the row's frame, which is decoded by then. */
  private LogSegments.Kind[] frameOf(int row) {
    int frame = frames.of(row);
    LogSegments.Kind[] known = kinds[frame];
    return known == null ? decode(frame) : known;
  }

  private LogSegments.Kind[] decode(int frame) {
    String name = Integer.toString(frame);
    ColumnReader in = meta.section(name);
    WideNumbers.Reader wide = new WideNumbers.Reader(meta, name);
    LogSegments.Kind[] list = new LogSegments.Kind[in.count(in.remaining())];
    for (int i = 0; i < list.length; i++) {
      list[i] =
          new LogSegments.Kind(
              (int) in.signed(),
              in.index(names.length),
              in.index(names.length),
              in.index(3),
              in.count(Integer.MAX_VALUE));
    }
    int from = frames.frames[frame];
    int to = frames.frames[frame + 1];
    Stream.read(in, wide, kind, from, to, list.length);
    Stream.read(in, wide, nanos, from, to);
    Stream.read(in, wide, times, from, to);
    Stream.read(in, wide, observed, from, to);
    Stream.read(in, wide, flags, from, to);
    Stream.read(in, wide, resource, from, to, Integer.MAX_VALUE);
    Stream.read(in, wide, scope, from, to, Integer.MAX_VALUE);
    long filed = baseNanos;
    for (int row = from; row < to; row++) {
      filed += nanos[row];
      nanos[row] = filed;
      times[row] = time(times[row], filed);
      observed[row] = time(observed[row], filed);
    }
    kinds[frame] = list;
    return list;
  }

  private static long time(long code, long filed) {
    if (code == LogSegments.TIME_ZERO) {
      return 0;
    }
    return filed + (code > 0 ? code - 1 : code);
  }

  private LogSegments.Kind kind(int row) {
    return frameOf(row)[kind[row]];
  }

  public int count() {
    return count;
  }

  /** Services in the segment, ascending. */
  public List<String> services() {
    return List.of(frames.services);
  }

  /** The first row of a service's; its rows are contiguous. 0 when it has none. */
  public int firstRow(String service) {
    int frame = frames.find(service);
    return frame < 0 ? 0 : frames.firsts[frame];
  }

  /** The row after the last of a service's; equal to {@link #firstRow} when it has none. */
  public int endRow(String service) {
    int frame = frames.find(service);
    return frame < 0 ? 0 : frames.firsts[frame + 1];
  }

  /** The rows of a service, the newest first; decodes little more than these. */
  public int[] newestFirst(String service) {
    int last = endRow(service) - 1;
    return IntStream.rangeClosed(firstRow(service), last)
        .map(row -> firstRow(service) + last - row)
        .toArray();
  }

  /** The rows of a trace, ascending; decodes only trace ids. */
  public int[] rowsOfTrace(ByteString traceId) {
    return traces().rows(traceId);
  }

  /**
   * Rows whose record or resource has the attribute with that value, as text. Decodes only the
   * columns of that key.
   */
  public BitSet rowsWith(String key, String value) {
    BitSet rows = attributes().itemsWith(key, value);
    Map<Integer, Boolean> byResource = new HashMap<>();
    for (int row = 0; row < count; row++) {
      int current = row;
      LogSegments.Kind[] unused = frameOf(row);
      if (byResource.computeIfAbsent(
          resource[row],
          place ->
              resourceAttributes(current).stream()
                  .anyMatch(
                      pair ->
                          pair.getKey().equals(key)
                              && Tokens.text(pair.getValue()).equals(value)))) {
        rows.set(row);
      }
    }
    return rows;
  }

  /** The time the record is filed under. */
  public long nanos(int row) {
    LogSegments.Kind[] unused = frameOf(row);
    return nanos[row];
  }

  public String service(int row) {
    return frames.services[frames.serviceOf(row)];
  }

  public int severity(int row) {
    return kind(row).severity();
  }

  private Ids.Traces traces() {
    Ids.Traces known = traces;
    if (known == null) {
      known = Ids.Traces.inSequence(meta, count);
      traces = known;
    }
    return known;
  }

  public ByteString traceId(int row) {
    return traces().get(row);
  }

  public ByteString spanId(int row) {
    ByteString[] known = spanIds;
    if (known == null) {
      known = Ids.readRepeatedSpans(meta, traces(), count);
      spanIds = known;
    }
    return known[row];
  }

  /** The body as searched; empty when there is none. */
  public String text(int row) {
    return kind(row).body() == LogSegments.BODY_NONE ? "" : TextTokens.text(body(row));
  }

  private int bodyPlace(int row) {
    int[] known = bodyPlaces;
    if (known == null) {
      known = new int[count];
      int[] next = new int[3];
      for (int i = 0; i < count; i++) {
        known[i] = next[kind(i).body()]++;
      }
      bodyPlaces = known;
      Sections.Reader sections = new Sections.Reader(bodyBlob);
      texts = BytesColumn.read(sections, "texts", next[LogSegments.BODY_TEXT]);
      others = BytesColumn.read(sections, "others", next[LogSegments.BODY_ANY]);
    }
    return known[row];
  }

  private AnyValue body(int row) {
    int place = bodyPlace(row);
    BytesColumn.Reader textColumn = texts;
    BytesColumn.Reader otherColumn = others;
    if (kind(row).body() == LogSegments.BODY_TEXT && textColumn != null) {
      return ValueColumn.text(textColumn.get(place));
    }
    try {
      return AnyValue.parseFrom(otherColumn == null ? ByteString.EMPTY : otherColumn.get(place));
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("stored log body: " + e.getMessage(), e);
    }
  }

  /** The record as it came. */
  public LogRecord log(int row) {
    LogSegments.Kind shared = kind(row);
    LogRecord.Builder log =
        LogRecord.newBuilder()
            .setTimeUnixNano(times[row])
            .setObservedTimeUnixNano(observed[row])
            .setSeverityNumberValue(shared.severity())
            .setSeverityText(names[shared.severityText()])
            .setEventName(names[shared.eventName()])
            .setFlags((int) flags[row])
            .setTraceId(traceId(row))
            .setSpanId(spanId(row))
            .addAllAttributes(attributes().attributes(row));
    if (shared.body() != LogSegments.BODY_NONE) {
      log.setBody(body(row));
    }
    ByteString remainder = rest.get(row);
    try {
      return remainder == null ? log.build() : log.mergeFrom(remainder).build();
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("stored log record: " + e.getMessage(), e);
    }
  }

  public List<KeyValue> attributes(int row) {
    return attributes().attributes(row);
  }

  private AttributeColumns.Reader attributes() {
    AttributeColumns.Reader reader = attributes;
    if (reader == null) {
      int[] shapes = new int[count];
      for (int row = 0; row < count; row++) {
        shapes[row] = kind(row).shape();
      }
      reader = new AttributeColumns.Reader(attrsBlob, shapes);
      attributes = reader;
    }
    return reader;
  }

  /** Where the record of a row came from. */
  public Origin origin(int row) {
    LogSegments.Kind[] unused = frameOf(row);
    return new Origin(origins.resource(resource[row]), origins.scope(scope[row]), service(row));
  }

  /** Attributes of the resource of a row. */
  public List<KeyValue> resourceAttributes(int row) {
    LogSegments.Kind[] unused = frameOf(row);
    return resourceAttributes.computeIfAbsent(
        resource[row], place -> resource(row).getResource().getAttributesList());
  }

  /** The resource of a row as it came, without scopes. */
  public ResourceLogs resource(int row) {
    LogSegments.Kind[] unused = frameOf(row);
    try {
      return ResourceLogs.parseFrom(origins.resource(resource[row]));
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("stored resource: " + e.getMessage(), e);
    }
  }

  /** The scope of a row as it came, without records. */
  public ScopeLogs scope(int row) {
    LogSegments.Kind[] unused = frameOf(row);
    try {
      return ScopeLogs.parseFrom(origins.scope(scope[row]));
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("stored scope: " + e.getMessage(), e);
    }
  }
}
