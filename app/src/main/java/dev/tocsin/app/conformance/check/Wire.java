package dev.tocsin.app.conformance.check;

import dev.tocsin.app.conformance.probe.Endpoint;

/** A transport with an encoding. */
public enum Wire {
  GRPC("grpc", Endpoint.GRPC, "application/grpc"),
  PROTOBUF("http/protobuf", Endpoint.HTTP, "application/x-protobuf"),
  JSON("http/json", Endpoint.HTTP, "application/json");

  private final String label;
  private final Endpoint endpoint;
  private final String mediaType;

  Wire(String label, Endpoint endpoint, String mediaType) {
    this.label = label;
    this.endpoint = endpoint;
    this.mediaType = mediaType;
  }

  public String label() {
    return label;
  }

  public Endpoint endpoint() {
    return endpoint;
  }

  public String mediaType() {
    return mediaType;
  }
}
