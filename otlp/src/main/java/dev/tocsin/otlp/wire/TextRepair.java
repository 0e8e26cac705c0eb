package dev.tocsin.otlp.wire;

import com.google.protobuf.Descriptors.Descriptor;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * Writes a request anew in which U+FFFD stands for what is no UTF-8 in its texts, as Java and the
 * Collector decode them. Everything else stays as it is, byte for byte, but for the lengths around
 * those texts. In two walks, so that the memory it takes is known before it is taken: the first is
 * made at once and finds the lengths, the second is {@link #write}.
 */
public final class TextRepair {
  private static final Map<Signal, WireSchema> REQUESTS = new EnumMap<>(Signal.class);

  static {
    for (Signal signal : Signal.values()) {
      REQUESTS.put(signal, WireSchema.of(request(signal)));
    }
  }

  private static final int LENGTH_MAX = 1 << 30;

  private final byte[] bytes;
  private final WireSchema request;
  private final int length;
  private int texts;
  private String firstField = "";

  /** Lengths of messages in the order in which they begin. */
  private int[] lengths = new int[64];

  private int messages;

  /**
   * @throws MalformedOtlpException when there is more wrong with the request than its texts
   */
  public TextRepair(Signal signal, byte[] bytes) {
    this.bytes = bytes;
    this.request = Objects.requireNonNull(REQUESTS.get(signal));
    this.length = measure(request, new WireCursor(bytes, 0), bytes.length, 0);
  }

  private static Descriptor request(Signal signal) {
    return switch (signal) {
      case TRACES -> ExportTraceServiceRequest.getDescriptor();
      case METRICS -> ExportMetricsServiceRequest.getDescriptor();
      case LOGS -> ExportLogsServiceRequest.getDescriptor();
      case PROFILES -> ExportProfilesServiceRequest.getDescriptor();
    };
  }

  /** Length of the request when it is repaired. */
  public int length() {
    return length;
  }

  /** How many texts are changed. */
  public int texts() {
    return texts;
  }

  /** The field of the first one, such as {@code Span.name}. */
  public String firstField() {
    return firstField;
  }

  /** The repaired request. */
  public byte[] write() {
    WireOutput out = new WireOutput(length);
    messages = 0;
    write(request, new WireCursor(bytes, 0), bytes.length, out);
    return out.toBytes();
  }

  /** The length the message at the cursor will have. */
  private int measure(WireSchema schema, WireCursor cursor, int end, int depth) {
    if (depth > WireCursor.DEPTH_MAX) {
      throw new MalformedOtlpException(
          cursor.position(), "messages nested over " + WireCursor.DEPTH_MAX + " deep");
    }
    long size = 0;
    while (cursor.position() < end) {
      int start = cursor.position();
      int tag = cursor.readTag(end);
      int afterTag = cursor.position();
      WireSchema child = schema.messages(tag);
      if (child != null) {
        int childEnd = cursor.readEnd(end);
        int place = begin();
        int childSize = measure(child, cursor, childEnd, depth + 1);
        lengths[place] = childSize;
        size += afterTag - start + WireOutput.prefixedSize(childSize);
      } else if (schema.isText(tag)) {
        int textEnd = cursor.readEnd(end);
        size += textSize(schema, tag, start, afterTag, cursor.position(), textEnd);
        cursor.moveTo(textEnd);
      } else {
        cursor.skip(tag, end, depth);
        size += cursor.position() - start;
      }
    }
    if (size > LENGTH_MAX) {
      throw new MalformedOtlpException(cursor.position(), "too long a request to be repaired");
    }
    return (int) size;
  }

  private int begin() {
    if (messages == lengths.length) {
      lengths = Arrays.copyOf(lengths, messages * 2);
    }
    return messages++;
  }

  private long textSize(
      WireSchema schema, int tag, int start, int afterTag, int textStart, int textEnd) {
    if (Utf8.isValid(bytes, textStart, textEnd)) {
      return (long) textEnd - start;
    }
    texts++;
    if (firstField.isEmpty()) {
      firstField = schema.name(tag);
    }
    return (long) afterTag - start + WireOutput.prefixedSize(repairedLength(textStart, textEnd));
  }

  private int repairedLength(int start, int end) {
    return (int) Math.min(LENGTH_MAX, Utf8.repairedLength(bytes, start, end));
  }

  private void write(WireSchema schema, WireCursor cursor, int end, WireOutput out) {
    while (cursor.position() < end) {
      int start = cursor.position();
      int tag = cursor.readTag(end);
      int afterTag = cursor.position();
      WireSchema child = schema.messages(tag);
      if (child != null) {
        int childEnd = cursor.readEnd(end);
        out.bytes(bytes, start, afterTag);
        out.length(lengths[messages++]);
        write(child, cursor, childEnd, out);
      } else if (schema.isText(tag)) {
        int textEnd = cursor.readEnd(end);
        if (Utf8.isValid(bytes, cursor.position(), textEnd)) {
          out.bytes(bytes, start, textEnd);
        } else {
          int textLength = repairedLength(cursor.position(), textEnd);
          out.bytes(bytes, start, afterTag);
          out.length(textLength);
          out.repaired(bytes, cursor.position(), textEnd, textLength);
        }
        cursor.moveTo(textEnd);
      } else {
        cursor.skip(tag, end);
        out.bytes(bytes, start, cursor.position());
      }
    }
  }
}
