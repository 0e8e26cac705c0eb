package dev.tocsin.ingest.listen;

import dev.tocsin.common.config.Section;
import java.time.Duration;

/**
 * Limits of connections; keys of section {@code [ingest]}.
 *
 * @param connectionsMax of all listeners together
 * @param headerTimeoutMs from the first byte of a request to the end of its headers, from the
 *     opening of a connection to the end of its first headers, and for a TLS handshake
 * @param idleTimeoutMs without a byte in either direction
 * @param headerBytesMax of all headers of a request together
 * @param streamsMax HTTP/2 requests at a time on a connection
 */
public record ConnectionLimits(
    int connectionsMax,
    long headerTimeoutMs,
    long idleTimeoutMs,
    int headerBytesMax,
    int streamsMax) {
  private static final int HEADER_BYTES_MAX = 1 << 20;

  /** Reads the keys; problems are noted in the settings. */
  public static ConnectionLimits from(Section ingest) {
    long headerBytes = ingest.bytes("header_size_max", 16 << 10);
    ConnectionLimits limits =
        new ConnectionLimits(
            ingest.integer("connections_max", 20_000, 1, 1_000_000),
            ingest.duration("header_timeout", Duration.ofSeconds(10)).toMillis(),
            ingest.duration("idle_timeout", Duration.ofMinutes(5)).toMillis(),
            (int) Math.min(headerBytes, HEADER_BYTES_MAX),
            ingest.integer("streams_per_connection_max", 16, 1, 10_000));
    if (headerBytes < 1 << 10 || headerBytes > HEADER_BYTES_MAX) {
      ingest.problem("header_size_max", Long.toString(headerBytes), "1KiB-1MiB");
    }
    if (limits.headerTimeoutMs < 1) {
      ingest.problem("header_timeout", limits.headerTimeoutMs + "ms", "at least 1ms");
    }
    if (limits.idleTimeoutMs < 1 || limits.idleTimeoutMs > Integer.MAX_VALUE) {
      ingest.problem("idle_timeout", limits.idleTimeoutMs + "ms", "1ms-24d");
    }
    return limits;
  }
}
