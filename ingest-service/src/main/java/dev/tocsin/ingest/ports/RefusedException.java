package dev.tocsin.ingest.ports;

/** A request as a whole is refused; the message goes to the sender. */
public final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;
  private final String message;
  private final long retryDelayMs;

  public RefusedException(Reason reason, String message) {
    this(reason, message, 0);
  }

  /**
   * @param retryDelayMs when it will be accepted, where that is known
   */
  public RefusedException(Reason reason, String message, long retryDelayMs) {
    // Senders cause it at will, so it carries no stack trace.
    super(message, null, false, false);
    this.reason = reason;
    this.message = message;
    this.retryDelayMs = retryDelayMs;
  }

  @Override
  public String getMessage() {
    return message;
  }

  public Reason reason() {
    return reason;
  }

  /**
   * How long the sender should wait before it tries again.
   *
   * @param fallbackMs where the refusal does not know better
   */
  public long retryDelayMs(long fallbackMs) {
    return retryDelayMs > 0 ? retryDelayMs : fallbackMs;
  }
}
