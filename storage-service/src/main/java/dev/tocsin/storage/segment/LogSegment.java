package dev.tocsin.storage.segment;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A stored log segment, read by rows. Not thread-safe. */
public final class LogSegment {
  private static final int RECORDS_MAX = 1 << 24;

  private final int count;
  private final OriginColumns.Reader origins;
  private final LogSegments.Kind[] kinds;
  private final int[] kind;
  private final long[] nanos;
  private final long[] timeNanos;
  private final long[] observedNanos;
  private final int[] flags;
  private final ByteString[] traceIds;
  private final ByteString[] spanIds;
  private final Map<Integer, ByteString> rest;
  private final byte[] bodyBlob;
  private final byte[] attrsBlob;
  private BytesColumn.@Nullable Reader texts;
  private BytesColumn.@Nullable Reader others;
  private final int[] bodyPlace;
  private final int[] bodyCounts = new int[3];
  private AttributeColumns.@Nullable Reader attributes;

  /**
   * @param format as stored beside the blobs
   * @throws SegmentFormatException when the blobs are no segment of a known format
   */
  public LogSegment(int format, byte[] meta, byte[] body, byte[] attrs) {
    if (format != LogSegments.FORMAT) {
      throw new SegmentFormatException(
          "log segment format " + format + " (expected: " + LogSegments.FORMAT + ")");
    }
    Sections.Reader sections = new Sections.Reader(meta);
    count = sections.section("count").count(RECORDS_MAX);
    origins = new OriginColumns.Reader(sections, count);
    kinds = readKinds(sections.section("kinds"));
    kind = OriginColumns.indexes(sections.section("kind"), count, kinds.length);
    nanos = new long[count];
    flags = new int[count];
    ColumnReader deltas = sections.section("nanos");
    ColumnReader flag = sections.section("flags");
    long previous = 0;
    for (int row = 0; row < count; row++) {
      previous += deltas.signed();
      nanos[row] = previous;
      flags[row] = (int) flag.unsigned();
    }
    timeNanos = readTimes(sections.section("time"));
    observedNanos = readTimes(sections.section("observed"));
    traceIds = Ids.readTraces(sections, count);
    spanIds = Ids.readSpans(sections.section("span"), count);
    rest = SparseBytes.read(sections.section("rest"), count);
    bodyBlob = body;
    attrsBlob = attrs;
    bodyPlace = new int[count];
    for (int row = 0; row < count; row++) {
      bodyPlace[row] = bodyCounts[kinds[kind[row]].body()]++;
    }
  }

  private static LogSegments.Kind[] readKinds(ColumnReader in) {
    LogSegments.Kind[] kinds = new LogSegments.Kind[in.count(in.remaining())];
    for (int i = 0; i < kinds.length; i++) {
      kinds[i] =
          new LogSegments.Kind(
              (int) in.signed(), in.text(), in.text(), in.index(3), in.count(Integer.MAX_VALUE));
    }
    return kinds;
  }

  private long[] readTimes(ColumnReader in) {
    long[] times = new long[count];
    for (int row = 0; row < count; row++) {
      int code = in.index(3);
      times[row] =
          switch (code) {
            case LogSegments.TIME_SAME -> nanos[row];
            case LogSegments.TIME_ZERO -> 0;
            default -> nanos[row] + in.signed();
          };
    }
    return times;
  }

  public int count() {
    return count;
  }

  /** The time the record is filed under. */
  public long nanos(int row) {
    return nanos[row];
  }

  public String service(int row) {
    return Services.name(origins.resource(row));
  }

  public int severity(int row) {
    return kinds[kind[row]].severity();
  }

  public ByteString traceId(int row) {
    return traceIds[row];
  }

  /** The body as searched; empty when there is none. */
  public String text(int row) {
    return kinds[kind[row]].body() == LogSegments.BODY_NONE ? "" : TextTokens.text(body(row));
  }

  private AnyValue body(int row) {
    int place = bodyPlace[row];
    if (kinds[kind[row]].body() == LogSegments.BODY_TEXT) {
      BytesColumn.Reader column = texts;
      if (column == null) {
        column = readBody("texts", bodyCounts[LogSegments.BODY_TEXT]);
        texts = column;
      }
      return ValueColumn.text(column.get(place));
    }
    BytesColumn.Reader column = others;
    if (column == null) {
      column = readBody("others", bodyCounts[LogSegments.BODY_ANY]);
      others = column;
    }
    try {
      return AnyValue.parseFrom(column.get(place));
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("stored log body: " + e.getMessage(), e);
    }
  }

  private BytesColumn.Reader readBody(String section, int values) {
    return BytesColumn.read(new Sections.Reader(bodyBlob).section(section), values);
  }

  /** The record as it came. */
  public LogRecord log(int row) {
    LogSegments.Kind shared = kinds[kind[row]];
    LogRecord.Builder log =
        LogRecord.newBuilder()
            .setTimeUnixNano(timeNanos[row])
            .setObservedTimeUnixNano(observedNanos[row])
            .setSeverityNumberValue(shared.severity())
            .setSeverityText(shared.severityText())
            .setEventName(shared.eventName())
            .setFlags(flags[row])
            .setTraceId(traceIds[row])
            .setSpanId(spanIds[row])
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

  private AttributeColumns.Reader attributes() {
    AttributeColumns.Reader reader = attributes;
    if (reader == null) {
      int[] shapes = new int[count];
      for (int i = 0; i < count; i++) {
        shapes[i] = kinds[kind[i]].shape();
      }
      reader = new AttributeColumns.Reader(attrsBlob, shapes);
      attributes = reader;
    }
    return reader;
  }

  /** Where the record of a row came from. */
  public Origin origin(int row) {
    return new Origin(origins.resource(row), origins.scope(row), service(row));
  }

  /** The resource of a row as it came, without scopes. */
  public ResourceLogs resource(int row) {
    try {
      return ResourceLogs.parseFrom(origins.resource(row));
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("stored resource: " + e.getMessage(), e);
    }
  }

  /** The scope of a row as it came, without records. */
  public ScopeLogs scope(int row) {
    try {
      return ScopeLogs.parseFrom(origins.scope(row));
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("stored scope: " + e.getMessage(), e);
    }
  }
}
