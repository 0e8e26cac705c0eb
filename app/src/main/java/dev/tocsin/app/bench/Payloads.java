package dev.tocsin.app.bench;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of requests. What it hands out for a slot may be changed when the slot is used again,
 * so a slot is free only when its request is over. An instance belongs to one lane.
 */
interface Payloads {

  /** How many different batches there are when compression may not cost a time per request. */
  int POOL_SIZE = 64;

  /**
   * @param slot from 0, below the lane's number of requests in flight
   * @param sequence number of the request within the run
   */
  Buffer request(int slot, long sequence, long epochNanos);

  /** Without compression, or with {@code --unique}: every request has ids of its own. */
  static Payloads fresh(BenchOptions options, RequestTemplate batch, int slots) {
    RunIds ids = RunIds.of(options.seed());
    int prefix = prefixLength(options);
    List<Buffer> buffers = new ArrayList<>(slots);
    for (int slot = 0; slot < slots; slot++) {
      buffers.add(framed(options, batch.bytes()));
    }
    return (slot, sequence, epochNanos) -> {
      Buffer buffer = buffers.get(slot);
      batch.fill(buffer, prefix, ids, sequence, epochNanos);
      if (options.compression() == BodyCompression.NONE) {
        return buffer;
      }
      byte[] plain = buffer.getBytes(prefix, buffer.length());
      return framed(options, options.compression().compress(plain));
    };
  }

  /**
   * Compressed beforehand, so that the client does not cost more than the server: request n is
   * batch n modulo {@link #POOL_SIZE}, with the ids of that one and the time of now.
   */
  static List<Buffer> pool(BenchOptions options, RequestTemplate batch, long epochNanos) {
    RunIds ids = RunIds.of(options.seed());
    List<Buffer> pool = new ArrayList<>(POOL_SIZE);
    for (int i = 0; i < POOL_SIZE; i++) {
      Buffer buffer = Buffer.buffer(batch.bytes());
      batch.fill(buffer, 0, ids, i, epochNanos);
      pool.add(framed(options, options.compression().compress(buffer.getBytes())));
    }
    return pool;
  }

  /** Hands out what {@link #pool} made; any number of lanes may share it. */
  static Payloads pooled(List<Buffer> pool) {
    return (slot, sequence, epochNanos) -> pool.get((int) (sequence % pool.size()));
  }

  private static int prefixLength(BenchOptions options) {
    return options.protocol() == Protocol.GRPC ? 5 : 0;
  }

  /** With the flag and length that gRPC puts before a message. */
  private static Buffer framed(BenchOptions options, byte[] body) {
    if (options.protocol() != Protocol.GRPC) {
      return Buffer.buffer(body);
    }
    return Buffer.buffer(5 + body.length)
        .appendByte((byte) (options.compression() == BodyCompression.NONE ? 0 : 1))
        .appendInt(body.length)
        .appendBytes(body);
  }
}
