package dev.tocsin.ingest.grpc;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a call's frames travel; its content type tells. */
enum GrpcForm {
  /** HTTP/2 with trailers. */
  NATIVE("application/grpc"),
  /** The trailers are a frame of the body, for browsers. */
  WEB("application/grpc-web"),
  /** The same, all in base64. */
  WEB_TEXT("application/grpc-web-text");

  private final String mediaType;

  GrpcForm(String mediaType) {
    this.mediaType = mediaType;
  }

  String mediaType() {
    return mediaType;
  }

  /** Empty for any other content type, and for messages that are no protobuf. */
  static Optional<GrpcForm> of(@Nullable String contentType) {
    if (contentType == null) {
      return Optional.empty();
    }
    int end = contentType.indexOf(';');
    String type =
        (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(form -> type.equals(form.mediaType) || type.equals(form.mediaType + "+proto"))
        .findFirst();
  }
}
