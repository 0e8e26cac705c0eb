package dev.tocsin.testkit.hostile;

import dev.tocsin.otlp.wire.Signal;

/**
 * One request to be sent.
 *
 * @param seed with {@link HostileExports#of} and the same time it makes the same request again
 * @param items in it before it was damaged
 * @param description of what is odd about it, for people
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
public record Export(
    long seed, Signal signal, Format format, byte[] body, int items, String description) {

  @Override
  public String toString() {
    return "seed %d: %s, %s, %,d bytes: %s"
        .formatted(seed, signal.label(), format, body.length, description);
  }
}
