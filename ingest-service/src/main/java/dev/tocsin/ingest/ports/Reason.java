package dev.tocsin.ingest.ports;

import java.util.Locale;

/**
 * Why a whole request is refused, with what each transport says. Clients retry only the retryable
 * ones and drop the data of all others, so a fault of ours or of Kafka must be retryable.
 */
public enum Reason {
  MALFORMED(3, 400, false),
  /** Over a size limit; retrying the same request cannot help. */
  TOO_LARGE(8, 413, false),
  UNSUPPORTED_ENCODING(12, 415, false),
  UNSUPPORTED_MEDIA_TYPE(12, 415, false),
  NOT_FOUND(12, 404, false),
  METHOD_NOT_ALLOWED(12, 405, false),
  /** No key, or none that is valid now. */
  UNAUTHENTICATED(16, 401, false),
  /** The key may not send this. */
  PERMISSION_DENIED(7, 403, false),
  /** The key is over its requests or bytes; the answer says until when. */
  RATE_LIMITED(8, 429, true),
  /** The bytes in flight have reached their limit. */
  OVER_BUDGET(14, 503, true),
  /** One key holds its share of the bytes in flight. */
  OVER_SHARE(14, 503, true),
  KAFKA_UNAVAILABLE(14, 503, true),
  STOPPING(14, 503, true),
  /** Our deadline or the client's own passed. */
  TIMEOUT(4, 504, true),
  /** The client went away; nobody reads the answer. */
  CANCELLED(1, 499, false),
  /** A defect of ours; not retryable, or one poisonous request would come for ever. */
  INTERNAL(13, 500, false);

  private final int grpcCode;
  private final int httpStatus;
  private final boolean retryable;

  Reason(int grpcCode, int httpStatus, boolean retryable) {
    this.grpcCode = grpcCode;
    this.httpStatus = httpStatus;
    this.retryable = retryable;
  }

  public int grpcCode() {
    return grpcCode;
  }

  public int httpStatus() {
    return httpStatus;
  }

  /** Whether the answer carries a hint when to come again. */
  public boolean retryable() {
    return retryable;
  }

  /** For metric labels. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
