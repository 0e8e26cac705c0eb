package dev.tocsin.ingest.body;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a body is compressed. */
public enum ContentEncoding {
  IDENTITY,
  GZIP;

  /** What is offered to clients, for {@code Accept-Encoding} and {@code grpc-accept-encoding}. */
  public static final String ACCEPTED = "identity,gzip";

  /** Empty for an encoding that is not offered; a missing header means identity. */
  public static Optional<ContentEncoding> of(@Nullable String header) {
    if (header == null) {
      return Optional.of(IDENTITY);
    }
    return switch (header.strip().toLowerCase(java.util.Locale.ROOT)) {
      case "", "identity" -> Optional.of(IDENTITY);
      case "gzip", "x-gzip" -> Optional.of(GZIP);
      default -> Optional.empty();
    };
  }
}
