package dev.tocsin.app.bench;

import dev.tocsin.app.receiver.ReceiverAddress;
import dev.tocsin.otlp.wire.Signal;

/** How requests travel; each has its own framing, path and reply. */
enum Protocol {
  GRPC("grpc", "application/grpc"),
  HTTP_PROTOBUF("http/protobuf", "application/x-protobuf"),
  HTTP_JSON("http/json", "application/json");

  private final String label;
  private final String contentType;

  Protocol(String label, String contentType) {
    this.label = label;
    this.contentType = contentType;
  }

  /** As in {@code OTEL_EXPORTER_OTLP_PROTOCOL}. */
  String label() {
    return label;
  }

  String contentType() {
    return contentType;
  }

  int defaultPort() {
    return this == GRPC ? ReceiverAddress.GRPC_PORT : ReceiverAddress.HTTP_PORT;
  }

  String path(Signal signal) {
    if (this != GRPC) {
      return (signal == Signal.PROFILES ? "/v1development/" : "/v1/") + signal.label();
    }
    return switch (signal) {
      case TRACES -> "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
      case METRICS -> "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
      case LOGS -> "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
      case PROFILES ->
          "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export";
    };
  }

  @Override
  public String toString() {
    return label;
  }
}
