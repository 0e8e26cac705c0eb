package dev.tocsin.app.bench;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * An export request in which ids and times are marks: a mark is eight bytes that occur nowhere
 * else, the second four being the number of its {@link Placeholder}.
 */
final class BatchModel {
  private static final int MAGIC = 0xF1E2D3C4;

  private final List<Placeholder> placeholders = new ArrayList<>();

  ByteString traceId(long number) {
    return ByteString.copyFrom(
        ByteBuffer.allocate(16).putLong(mark(Placeholder.Kind.TRACE_ID, number)).putLong(0).flip());
  }

  ByteString spanId(long number) {
    return ByteString.copyFrom(
        ByteBuffer.allocate(8).putLong(mark(Placeholder.Kind.SPAN_ID, number)).flip());
  }

  /** A fixed64, which protobuf writes with its lowest byte first. */
  long time(long offsetNanos) {
    return Long.reverseBytes(mark(Placeholder.Kind.TIME, offsetNanos));
  }

  private long mark(Placeholder.Kind kind, long argument) {
    placeholders.add(new Placeholder(kind, argument));
    return ((long) MAGIC << 32) | (placeholders.size() - 1);
  }

  /** Whether eight bytes, highest first, are a mark. */
  static boolean isMark(long bytes) {
    return (int) (bytes >>> 32) == MAGIC;
  }

  Placeholder at(long mark) {
    return placeholders.get((int) mark);
  }

  /** The request as protobuf, with the place of every mark. */
  RequestTemplate protobuf(Message request) {
    byte[] bytes = request.toByteArray();
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    List<RequestTemplate.Place> places = new ArrayList<>(placeholders.size());
    for (int i = 0; i + Long.BYTES <= bytes.length; i++) {
      if (buffer.getInt(i) == MAGIC) {
        places.add(new RequestTemplate.Place(i, at(buffer.getLong(i))));
      }
    }
    if (places.size() != placeholders.size()) {
      throw new IllegalStateException(
          places.size() + " marks found (expected: " + placeholders.size() + ")");
    }
    return new RequestTemplate(bytes, RequestTemplate.Form.BINARY, places);
  }

  /** The request as OTLP's JSON, with the place of every mark. */
  RequestTemplate json(Message request) {
    return new BatchJson(this).write(request);
  }
}
