package dev.tocsin.ingest;

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
  /** The bytes in flight have reached their limit. */
  OVER_BUDGET(14, 503, true),
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
