package dev.tocsin.testkit.hostile;

/** How a body is written. Protobuf goes over HTTP or over gRPC. */
public enum Format {
  PROTOBUF("application/x-protobuf"),
  JSON("application/json");

  private final String mediaType;

  Format(String mediaType) {
    this.mediaType = mediaType;
  }

  public String mediaType() {
    return mediaType;
  }
}
