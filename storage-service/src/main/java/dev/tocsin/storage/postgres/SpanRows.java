package dev.tocsin.storage.postgres;

import com.google.protobuf.ByteString;
import dev.tocsin.storage.AttributeTest;
import dev.tocsin.storage.segment.SpanSegment;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A span segment as conditions see it. What a query does not look at is not fetched, and what a row
 * does not ask for is not decoded. Not thread-safe.
 */
final class SpanRows {
  private static final byte[] NOT_FETCHED = new byte[0];

  private final SpanSegment segment;
  private final Map<AttributeTest, BitSet> rowsWith = new HashMap<>();

  private SpanRows(SpanSegment segment) {
    this.segment = segment;
  }

  /** Which columns a query needs beside {@code core} and {@code ids}. */
  record Need(boolean attributes, boolean events) {
    static final Need ALL = new Need(true, true);
    static final Need NONE = new Need(false, false);

    String columns() {
      return "fmt, core, ids, "
          + (attributes ? "attrs" : "null::bytea")
          + ", "
          + (events ? "events" : "null::bytea");
    }

    Need and(Need other) {
      return new Need(attributes || other.attributes, events || other.events);
    }
  }

  /**
   * @param first place of {@code fmt} in the row
   */
  static SpanRows open(Row row, int first, Budget budget) {
    byte[] core = bytes(row, first + 1);
    byte[] ids = bytes(row, first + 2);
    byte[] attrs = bytes(row, first + 3);
    byte[] events = bytes(row, first + 4);
    budget.read((long) core.length + ids.length + attrs.length + events.length);
    return new SpanRows(new SpanSegment(row.getShort(first), core, ids, attrs, events));
  }

  static byte[] bytes(Row row, int column) {
    Buffer buffer = row.getBuffer(column);
    return buffer == null ? NOT_FETCHED : buffer.getBytes();
  }

  int count() {
    return segment.count();
  }

  /** The rows of a trace, ascending. */
  List<Integer> rowsOfTrace(ByteString traceId) {
    return Arrays.stream(segment.rowsOfTrace(traceId)).boxed().toList();
  }

  /** The first row a match may be in. */
  int first(Optional<String> service) {
    return service.map(segment::firstRow).orElse(0);
  }

  /** The row after the last a match may be in. */
  int end(Optional<String> service) {
    return service.map(segment::endRow).orElse(segment.count());
  }

  ByteString traceId(int row) {
    return segment.traceId(row);
  }

  boolean isRoot(int row) {
    return segment.isRoot(row);
  }

  String service(int row) {
    return segment.service(row);
  }

  String name(int row) {
    return segment.name(row);
  }

  int kind(int row) {
    return segment.kind(row);
  }

  int status(int row) {
    return segment.status(row);
  }

  long startNanos(int row) {
    return segment.startNanos(row);
  }

  long durationNanos(int row) {
    return segment.durationNanos(row);
  }

  /**
   * Whether the span or its resource may equal the value of the test, which is no number: a look at
   * one column instead of the attributes of a row.
   */
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
    return segment
        .resourceSpans(List.of(row))
        .get(0)
        .getScopeSpans(0)
        .getScope()
        .getAttributesList();
  }

  Stream<KeyValue> eventAttributes(int row) {
    return segment.span(row).getEventsList().stream()
        .map(Span.Event::getAttributesList)
        .flatMap(List::stream);
  }

  Stream<KeyValue> linkAttributes(int row) {
    return segment.span(row).getLinksList().stream()
        .map(Span.Link::getAttributesList)
        .flatMap(List::stream);
  }

  /** The rows as OTLP, grouped by resource and scope. */
  List<ResourceSpans> resourceSpans(List<Integer> rows) {
    return segment.resourceSpans(rows);
  }
}
