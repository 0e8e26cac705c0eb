package dev.tocsin.common.http;

import dev.tocsin.common.config.Section;
import dev.tocsin.common.config.Settings;

/** Where OTLP is received, as far as a service that does not receive it can know. */
public record OtlpPorts(int grpc, int http) {
  /** Those of OTLP itself. */
  static final OtlpPorts USUAL = new OtlpPorts(4317, 4318);

  /** What ingest-service is told, when it is told by the same file. */
  static OtlpPorts from(Settings settings) {
    Section ingest = settings.section("ingest");
    return new OtlpPorts(
        ingest.port("grpc_port", USUAL.grpc), ingest.port("http_port", USUAL.http));
  }
}
