package dev.tocsin.app.conformance.cases;

/** Where the specification says it: OTLP 1.11 unless another is named. */
final class Spec {
  static final String COMPRESSION = "OTLP: Protocol Details";
  static final String SUCCESS = "OTLP/gRPC and OTLP/HTTP Response: Full Success";
  static final String PARTIAL = "OTLP/gRPC and OTLP/HTTP Response: Partial Success";
  static final String VERSIONS = "OTLP: Future Versions and Interoperability";
  static final String ENVELOPES = "OTLP: Empty Telemetry Envelopes";
  static final String GRPC_REQUEST = "OTLP/gRPC Request";
  static final String GRPC_CONCURRENT = "OTLP/gRPC Concurrent Requests";
  static final String GRPC_FAILURES = "OTLP/gRPC Response: Failures";
  static final String GRPC_HTTP2 = "gRPC over HTTP/2 (grpc: doc/PROTOCOL-HTTP2.md)";
  static final String GRPC_COMPRESSION = "gRPC compression (grpc: doc/compression.md)";
  static final String GRPC_WEB = "gRPC-Web (grpc: doc/PROTOCOL-WEB.md)";
  static final String HTTP_REQUEST = "OTLP/HTTP Request";
  static final String HTTP_RESPONSE = "OTLP/HTTP Response";
  static final String HTTP_FAILURES = "OTLP/HTTP Response: Failures";
  static final String BAD_DATA = "OTLP/HTTP Response: Bad Data";
  static final String RETRYABLE = "OTLP/HTTP Response: Retryable Response Codes";
  static final String HTTP_CONNECTION = "OTLP/HTTP Connection";
  static final String JSON = "OTLP/HTTP: JSON Protobuf Encoding";
  static final String HTTP_SEMANTICS = "RFC 9110 (HTTP Semantics)";
  static final String HTTP_1_1 = "RFC 9112 (HTTP/1.1)";
  static final String COMMON = "common.proto: AnyValue, KeyValue";
  static final String TRACE = "trace.proto: Span";
  static final String LOGS = "logs.proto: LogRecord";
  static final String METRICS = "metrics.proto; metrics data model";
  static final String SECURITY = "OpenTelemetry Collector: security best practices";
  static final String CORS = "Fetch standard: CORS protocol";

  private Spec() {}
}
