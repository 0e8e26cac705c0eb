package dev.tocsin.incident.notify.email;

/** A mail server has said more than a mail server has to say. */
final class LongReplyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LongReplyException(String message) {
    super(message);
  }
}
