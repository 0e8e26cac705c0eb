package dev.tocsin.app.conformance.check;

import dev.tocsin.app.conformance.probe.ReceiverKind;

/** A transport with an encoding. */
public enum Transport {
  GRPC("grpc", ReceiverKind.GRPC, "application/grpc"),
  PROTOBUF("http/protobuf", ReceiverKind.HTTP, "application/x-protobuf"),
  JSON("http/json", ReceiverKind.HTTP, "application/json");

  private final String label;
  private final ReceiverKind endpoint;
  private final String mediaType;

  Transport(String label, ReceiverKind endpoint, String mediaType) {
    this.label = label;
    this.endpoint = endpoint;
    this.mediaType = mediaType;
  }

  public String label() {
    return label;
  }

  public ReceiverKind endpoint() {
    return endpoint;
  }

  public String mediaType() {
    return mediaType;
  }
}
