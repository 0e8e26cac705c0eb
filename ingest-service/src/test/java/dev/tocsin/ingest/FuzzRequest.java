package dev.tocsin.ingest;

import dev.tocsin.otlp.wire.Signal;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One damaged request, the same for the same seed.
 *
 * @param seed that makes it again
 * @param body as it goes on the wire: compressed, and for gRPC in its frame
 */
record FuzzRequest(
    long seed, Transport transport, Signal signal, Compressor compressor, Buffer body) {

  enum Transport {
    GRPC,
    HTTP_PROTOBUF,
    HTTP_JSON
  }

  private static final Map<Signal, byte[]> PROTOBUF =
      valid(signal -> RichOtlp.request(signal, "fuzz").toByteArray());
  private static final Map<Signal, byte[]> JSON = valid(FuzzRequest::json);

  private static Map<Signal, byte[]> valid(Function<Signal, byte[]> make) {
    return Item.SIGNALS.stream().collect(Collectors.toMap(signal -> signal, make));
  }

  private static byte[] json(Signal signal) {
    try (InputStream in =
        FuzzRequest.class.getResourceAsStream("fuzz/" + signal.label() + ".json")) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static FuzzRequest of(long seed) {
    var random = new SplittableRandom(seed);
    Transport transport = pick(Transport.values(), random);
    Signal signal = Item.SIGNALS.get(random.nextInt(Item.SIGNALS.size()));
    Compressor compressor = pick(Compressor.values(), random);
    boolean json = transport == Transport.HTTP_JSON;
    byte[] plain = (json ? JSON : PROTOBUF).get(signal);
    // Damage goes to one layer: what lies above it stays whole, else it would never be reached.
    int layer = random.nextInt(transport == Transport.GRPC ? 6 : 5);
    byte[] body = compressor.compress(layer < 4 ? Mutator.mutate(plain, json, random) : plain);
    body = layer == 4 ? Mutator.mutate(body, false, random) : body;
    if (transport == Transport.GRPC) {
      byte[] frame = frame(compressor != Compressor.IDENTITY, body);
      body = layer == 5 ? Mutator.mutate(frame, false, random) : frame;
    }
    return new FuzzRequest(seed, transport, signal, compressor, Buffer.buffer(body));
  }

  private static <T> T pick(T[] of, SplittableRandom random) {
    return of[random.nextInt(of.length)];
  }

  private static byte[] frame(boolean compressed, byte[] message) {
    return ByteBuffer.allocate(5 + message.length)
        .put((byte) (compressed ? 1 : 0))
        .putInt(message.length)
        .put(message)
        .array();
  }

  @Override
  public String toString() {
    return "request of seed %d: %s %s %s, %d bytes"
        .formatted(seed, transport, signal, compressor, body.length());
  }
}
