package dev.tocsin.otlp.wire;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Requests that are short and take much memory: many of one thing that is almost nothing, in bytes
 * that no SDK would write.
 */
final class WideRequests {
  private static final byte[] NOTHING = {};

  private WideRequests() {}

  /**
   * A request.
   *
   * @param bytes an Export…ServiceRequest
   */
  @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
  record Wide(Signal signal, byte[] bytes) {}

  /** By what there is many of, each of them so many times. */
  static Map<String, Wide> all(int count) {
    Map<String, Wide> all = new LinkedHashMap<>();
    all.put("empty resources", traces(many(1, NOTHING, count)));
    all.put("empty scopes", traces(field(1, many(2, NOTHING, count))));
    all.put("empty spans", spans(many(2, NOTHING, count)));
    all.put("resource attributes", traces(field(1, field(1, many(1, NOTHING, count)))));
    all.put("scope attributes", spans(field(1, many(3, NOTHING, count))));
    all.put("empty attributes", span(many(9, NOTHING, count)));
    all.put("attributes of an empty value", span(many(9, field(2, NOTHING), count)));
    all.put("attributes of one letter", span(many(9, text(1, "k"), count)));
    all.put("attributes of one letter and value", span(many(9, plain("k", "v"), count)));
    all.put("attributes of one foreign letter", span(many(9, text(1, "\u4e16"), count)));
    all.put("empty events", span(many(11, NOTHING, count)));
    all.put("events of an attribute", span(many(11, field(3, NOTHING), count)));
    all.put("empty links", span(many(13, NOTHING, count)));
    all.put("links of two ids", span(many(13, concat(text(1, "t"), text(2, "s")), count)));
    all.put("values of an array", span(field(9, field(2, field(5, many(1, NOTHING, count))))));
    all.put("values of a map", span(field(9, field(2, field(6, many(1, NOTHING, count))))));
    all.put("arrays in arrays", span(many(9, field(2, nested(40)), count / 40)));
    all.put("numbers", span(many(9, field(2, varint(3, 1_000)), count)));
    all.put("bytes", span(many(9, field(2, text(7, "b")), count)));
    all.put("unknown numbers", span(times(varint(99, 1_000), count)));
    all.put("unknown texts", span(many(99, new byte[] {1}, count)));
    all.put("unknown groups", span(times(group(99, varint(1, 1_000)), count / 8)));
    all.put("unknown fields of many kinds", span(kinds(count / 4)));
    all.put("spans of an unknown field", spans(many(2, varint(99, 1), count / 4)));
    all.put("empty log records", logs(many(2, NOTHING, count)));
    all.put("log records of a body", logs(many(2, field(5, text(1, "b")), count)));
    all.put("a long text", logs(field(2, field(5, text(1, "x".repeat(count * 20))))));
    all.put(
        "a long foreign text",
        logs(field(2, field(5, text(1, "x".repeat(count * 20) + "\u4e16")))));
    all.put("empty metrics", metrics(many(2, NOTHING, count)));
    all.put("empty points", metric(field(5, many(1, NOTHING, count))));
    all.put("labels of a point", metric(field(5, field(1, many(7, NOTHING, count)))));
    all.put("exemplars", metric(field(5, field(1, many(5, NOTHING, count)))));
    all.put("quantiles", metric(field(11, field(1, many(6, NOTHING, count)))));
    all.put("bounds", metric(field(9, field(1, field(7, new byte[8 * count])))));
    all.put("counts", metric(field(9, field(1, field(6, new byte[8 * count])))));
    all.put("bounds, one by one", metric(field(9, field(1, times(fixed64(7), count)))));
    all.put("buckets", metric(field(10, field(1, field(8, field(2, new byte[4 * count]))))));
    all.put("metadata", metric(many(12, NOTHING, count)));
    return all;
  }

  private static Wide traces(byte[] content) {
    return new Wide(Signal.TRACES, content);
  }

  private static Wide spans(byte[] content) {
    return traces(field(1, field(2, content)));
  }

  private static Wide span(byte[] content) {
    return spans(field(2, content));
  }

  private static Wide logs(byte[] content) {
    return new Wide(Signal.LOGS, field(1, field(2, content)));
  }

  private static Wide metrics(byte[] content) {
    return new Wide(Signal.METRICS, field(1, field(2, content)));
  }

  private static Wide metric(byte[] content) {
    return metrics(field(2, content));
  }

  /** An AnyValue of an array of an AnyValue and so on. */
  private static byte[] nested(int depth) {
    byte[] value = NOTHING;
    for (int i = 0; i < depth; i++) {
      value = field(5, field(1, value));
    }
    return value;
  }

  private static byte[] kinds(int count) {
    return write(
        out -> {
          for (int i = 0; i < count; i++) {
            out.writeUInt32(1_000 + i, 1_000);
          }
        });
  }

  private static byte[] plain(String key, String value) {
    return concat(text(1, key), field(2, text(1, value)));
  }

  private static byte[] text(int number, String text) {
    return write(out -> out.writeString(number, text));
  }

  private static byte[] varint(int number, int value) {
    return write(out -> out.writeUInt32(number, value));
  }

  private static byte[] fixed64(int number) {
    return write(out -> out.writeFixed64(number, 1));
  }

  private static byte[] group(int number, byte[] content) {
    return write(
        out -> {
          out.writeTag(number, WireFormat.WIRETYPE_START_GROUP);
          out.writeRawBytes(content);
          out.writeTag(number, WireFormat.WIRETYPE_END_GROUP);
        });
  }

  private static byte[] field(int number, byte[] content) {
    return write(out -> out.writeByteArray(number, content));
  }

  private static byte[] many(int number, byte[] content, int count) {
    return times(field(number, content), count);
  }

  private static byte[] concat(byte[] first, byte[] second) {
    return write(
        out -> {
          out.writeRawBytes(first);
          out.writeRawBytes(second);
        });
  }

  private static byte[] times(byte[] bytes, int count) {
    return write(
        out -> {
          for (int i = 0; i < count; i++) {
            out.writeRawBytes(bytes);
          }
        });
  }

  private interface Writing {
    void to(CodedOutputStream out) throws IOException;
  }

  private static byte[] write(Writing writing) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      writing.to(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
