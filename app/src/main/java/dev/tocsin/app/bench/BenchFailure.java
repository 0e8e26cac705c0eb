package dev.tocsin.app.bench;

/** The run could not be made; the message is for the person at the terminal. */
final class BenchFailure extends Exception {
  private static final long serialVersionUID = 1L;

  BenchFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
