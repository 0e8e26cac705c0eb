package dev.tocsin.app.bench;

/**
 * How a request ended.
 *
 * @param code {@link #OK}, or what the receiver or the network said, such as {@code UNAVAILABLE},
 *     {@code 503}, {@code timeout}
 * @param rejectedItems left out by partial success
 * @param retryAfterMs when the receiver wants it again; 0 when it names no time; negative when it
 *     should not be sent again
 */
record RequestOutcome(String code, long rejectedItems, long retryAfterMs) {
  static final String OK = "OK";
  private static final long NEVER = -1;

  static RequestOutcome accepted(long rejectedItems) {
    return new RequestOutcome(OK, rejectedItems, NEVER);
  }

  static RequestOutcome refused(String code) {
    return new RequestOutcome(code, 0, NEVER);
  }

  static RequestOutcome retryable(String code, long retryAfterMs) {
    return new RequestOutcome(code, 0, Math.max(0, retryAfterMs));
  }

  boolean ok() {
    return code.equals(OK);
  }

  boolean isRetryable() {
    return retryAfterMs >= 0;
  }
}
