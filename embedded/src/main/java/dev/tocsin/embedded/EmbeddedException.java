package dev.tocsin.embedded;

/**
 * A server could not be prepared, started or stopped. The message is meant for people: it names the
 * offending value, what was expected and what to do.
 */
public final class EmbeddedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  EmbeddedException(String message) {
    super(message);
  }

  EmbeddedException(String message, Throwable cause) {
    super(message, cause);
  }
}
