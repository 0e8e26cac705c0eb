package dev.tocsin.storage.postgres;

import com.google.protobuf.ByteString;
import dev.tocsin.storage.AttributeTest;
import dev.tocsin.storage.LogReader.StoredLog;
import dev.tocsin.storage.segment.LogSegment;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A log segment as conditions see it; see {@link SpanRows}. Not thread-safe. */
final class LogRows {
  private final LogSegment segment;
  private final Map<AttributeTest, BitSet> rowsWith = new HashMap<>();

  private LogRows(LogSegment segment) {
    this.segment = segment;
  }

  /** Which columns a query needs beside {@code meta}. */
  record Need(boolean body, boolean attributes) {
    static final Need ALL = new Need(true, true);
    static final Need NONE = new Need(false, false);
    static final Need BODY = new Need(true, false);
    static final Need ATTRIBUTES = new Need(false, true);

    String columns() {
      return "fmt, meta, "
          + (body ? "body" : "null::bytea")
          + ", "
          + (attributes ? "attrs" : "null::bytea");
    }

    Need and(Need other) {
      return new Need(body || other.body, attributes || other.attributes);
    }
  }

  /**
   * @param first place of {@code fmt} in the row
   */
  static LogRows open(Row row, int first, Budget budget) {
    byte[] meta = SpanRows.bytes(row, first + 1);
    byte[] body = SpanRows.bytes(row, first + 2);
    byte[] attrs = SpanRows.bytes(row, first + 3);
    budget.read((long) meta.length + body.length + attrs.length);
    return new LogRows(new LogSegment(row.getShort(first), meta, body, attrs));
  }

  static long storedBytes(Row row) {
    long size = 0;
    for (int column = SegmentScan.FIRST_COLUMN + 1; column < row.size(); column++) {
      Buffer buffer = row.getBuffer(column);
      size += buffer == null ? 0 : buffer.length();
    }
    return size;
  }

  int count() {
    return segment.count();
  }

  /** The first row a match may be in. */
  int first(Optional<String> service) {
    return service.map(segment::firstRow).orElse(0);
  }

  /** The row after the last a match may be in. */
  int end(Optional<String> service) {
    return service.map(segment::endRow).orElse(segment.count());
  }

  long nanos(int row) {
    return segment.nanos(row);
  }

  String service(int row) {
    return segment.service(row);
  }

  int severity(int row) {
    return segment.severity(row);
  }

  ByteString traceId(int row) {
    return segment.traceId(row);
  }

  ByteString spanId(int row) {
    return segment.spanId(row);
  }

  String text(int row) {
    return segment.text(row);
  }

  /** As {@link SpanRows#mayEqual}. */
  boolean mayEqual(AttributeTest test, int row) {
    return rowsWith
        .computeIfAbsent(test, key -> segment.rowsWith(key.key(), key.value().asText()))
        .get(row);
  }

  List<KeyValue> attributes(int row) {
    return segment.attributes(row);
  }

  List<KeyValue> resourceAttributes(int row) {
    return segment.resourceAttributes(row);
  }

  List<KeyValue> scopeAttributes(int row) {
    return segment.scope(row).getScope().getAttributesList();
  }

  StoredLog stored(int row) {
    return new StoredLog(
        segment.nanos(row),
        segment.service(row),
        segment.text(row),
        segment.log(row),
        segment.resource(row),
        segment.scope(row));
  }
}
