package dev.tocsin.app.conformance.probe;

/** The two addresses of an OTLP receiver. */
public enum ReceiverKind {
  GRPC,
  HTTP
}
