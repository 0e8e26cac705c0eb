package dev.tocsin.ingest;

/** A request as a whole is refused; the message goes to the sender. */
public final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;
  private final String message;

  public RefusedException(Reason reason, String message) {
    // Senders cause it at will, so it carries no stack trace.
    super(message, null, false, false);
    this.reason = reason;
    this.message = message;
  }

  @Override
  public String getMessage() {
    return message;
  }

  public Reason reason() {
    return reason;
  }
}
