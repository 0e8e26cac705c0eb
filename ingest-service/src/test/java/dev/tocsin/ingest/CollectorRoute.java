package dev.tocsin.ingest;

import java.util.List;
import java.util.stream.Stream;

/**
 * One way of the Collector to us.
 *
 * @param protocol {@code grpc}, {@code proto} or {@code json}
 * @param compression as in the Collector's configuration
 */
record CollectorRoute(String protocol, String compression) {
  static final List<CollectorRoute> ALL =
      Stream.of(
              Stream.of("none", "gzip", "zstd", "snappy").map(c -> new CollectorRoute("grpc", c)),
              Stream.of("none", "gzip", "zstd", "deflate", "zlib", "snappy")
                  .map(c -> new CollectorRoute("proto", c)),
              Stream.of("none", "gzip").map(c -> new CollectorRoute("json", c)))
          .flatMap(routes -> routes)
          .toList();

  String name() {
    return protocol + "-" + compression;
  }

  String component() {
    return (protocol.equals("grpc") ? "otlp_grpc/" : "otlp_http/") + name();
  }

  /** Queue and retries off, so that what we answer is what the sender is told. */
  String exporter(RunningIngest ingest) {
    String endpoint =
        protocol.equals("grpc")
            ? "endpoint: '%s', tls: {insecure: true}".formatted(ingest.grpc())
            : "endpoint: '%s', encoding: %s".formatted(ingest.http(), protocol);
    return "  %s: {%s, compression: %s, sending_queue: {enabled: false}, retry_on_failure: {enabled: false}}\n"
        .formatted(component(), endpoint, compression);
  }
}
