package dev.tocsin.segment.span;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.otlp.wire.AttributeText;
import dev.tocsin.segment.column.AttributeColumns;
import dev.tocsin.segment.column.SegmentFormatException;
import dev.tocsin.segment.core.IndexEntries;
import dev.tocsin.segment.index.Hashes;
import io.opentelemetry.proto.common.v1.AnyValue;
import java.util.Arrays;

/**
 * One span as {@link SpanSink} is told of it; used again for the next. Places are bytes' places.
 */
public final class SpanRow {
  private final byte[] bytes;
  int service;
  int name;
  int kind;
  int status;
  int trace;
  long startNanos;
  long endNanos;
  int spanFrom;
  int spanTo;
  int parentFrom;
  int parentTo;
  private String[] keys = new String[4];
  private AttributeColumns.Type[] types = new AttributeColumns.Type[4];
  private long[] values = new long[4];
  private int attributes;
  private int[] events = new int[4];
  private int eventPlaces;

  SpanRow(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Begins a row. */
  void clear() {
    spanFrom = 0;
    spanTo = 0;
    parentFrom = 0;
    parentTo = 0;
    attributes = 0;
    eventPlaces = 0;
  }

  /**
   * @param value a number, or where a slice begins and, above, where it ends
   */
  void attribute(String key, AttributeColumns.Type type, long value) {
    if (attributes == keys.length) {
      keys = Arrays.copyOf(keys, attributes * 2);
      types = Arrays.copyOf(types, attributes * 2);
      values = Arrays.copyOf(values, attributes * 2);
    }
    keys[attributes] = key;
    types[attributes] = type;
    values[attributes++] = value;
  }

  void event(int from, int to) {
    if (eventPlaces == events.length) {
      events = Arrays.copyOf(events, eventPlaces * 2);
    }
    events[eventPlaces++] = from;
    events[eventPlaces++] = to;
  }

  /** See {@link SpanNames#service}. */
  public int service() {
    return service;
  }

  /** See {@link SpanNames#name}. */
  public int name() {
    return name;
  }

  public int kind() {
    return kind;
  }

  /** OTLP status code, 0 when it has none. */
  public int status() {
    return status;
  }

  /** See {@link SpanNames#traceFrom}. */
  public int trace() {
    return trace;
  }

  public long startNanos() {
    return startNanos;
  }

  public long endNanos() {
    return endNanos;
  }

  /** How long it lasted; 0 when it ends before it begins, or in no year that counts. */
  public long durationNanos() {
    return endNanos > startNanos ? endNanos - startNanos : 0;
  }

  /** {@link Hashes#fast} of the span's id. */
  public long spanHash() {
    return Hashes.fast(bytes, spanFrom, spanTo);
  }

  public boolean hasId() {
    return spanTo > spanFrom;
  }

  public boolean hasParent() {
    return parentTo > parentFrom;
  }

  /** {@link Hashes#fast} of the id of its parent. */
  public long parentHash() {
    return Hashes.fast(bytes, parentFrom, parentTo);
  }

  /** Attributes of the keys that the sink wants, in the order of the span. */
  public int attributes() {
    return attributes;
  }

  public String key(int attribute) {
    return keys[attribute];
  }

  /** A value as search parameters write it. */
  public String text(int attribute) {
    long value = values[attribute];
    int from = (int) value;
    int length = (int) (value >>> 32) - from;
    return switch (types[attribute]) {
      case STRING -> new String(bytes, from, length, UTF_8);
      case INT, BOOL, DOUBLE -> IndexEntries.text(types[attribute], value);
      case BYTES ->
          AttributeText.of(
              AnyValue.newBuilder()
                  .setBytesValue(ByteString.copyFrom(bytes, from, length))
                  .build());
      case ANY, PAIR -> anyText(from, length);
    };
  }

  private String anyText(int from, int length) {
    try {
      return AttributeText.of(AnyValue.parser().parseFrom(bytes, from, length));
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("an attribute: " + e.getMessage(), e);
    }
  }

  /** Events of the span, as serialized messages. */
  public int events() {
    return eventPlaces / 2;
  }

  public int eventFrom(int event) {
    return events[2 * event];
  }

  public int eventTo(int event) {
    return events[2 * event + 1];
  }
}
