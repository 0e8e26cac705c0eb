package dev.tocsin.app.demo;

import java.util.Optional;

/**
 * Why an operation ends with status Error.
 *
 * @param errorType the attribute {@code error.type}
 * @param description of the span's status
 * @param thrown the exception, at the operation where it was thrown
 */
record Failure(String errorType, String description, Optional<Thrown> thrown) {

  /** An exception as it is recorded: its type, message and stack trace. */
  record Thrown(String type, String message, String stackTrace) {

    /** An exception thrown by our shop's code at the given frames, innermost first. */
    static Thrown at(String type, String message, String... frames) {
      return new Thrown(
          type, message, type + ": " + message + "\n\tat " + String.join("\n\tat ", frames) + "\n");
    }
  }

  static Failure of(Thrown thrown) {
    return new Failure(thrown.type(), thrown.message(), Optional.of(thrown));
  }

  /** The failure of an HTTP exchange that ended with that status code. */
  static Failure status(int code) {
    return new Failure(Integer.toString(code), "", Optional.empty());
  }
}
