package dev.tocsin.common.runtime;

import dev.tocsin.common.config.FileFailure;
import java.nio.file.FileSystemException;
import java.util.concurrent.TimeoutException;

/** What people are told of a failure that nobody foresaw. */
public final class FailureText {
  private static final int CAUSES_MAX = 20;

  private FailureText() {}

  /**
   * The failure's message; that of what caused it when it has none of its own; and the name of the
   * innermost cause when nobody has said anything, as with a StackOverflowError. Of a file it is
   * the name and why it cannot be had. Never blank.
   */
  public static String of(Throwable failure) {
    return DiskFull.told(failure, text(failure));
  }

  private static String text(Throwable failure) {
    Throwable innermost = failure;
    for (int i = 0; i < CAUSES_MAX; i++) {
      if (innermost instanceof FileSystemException onFile && onFile.getFile() != null) {
        return onFile.getFile() + ": " + FileFailure.reason(onFile);
      }
      String message = innermost.getMessage();
      // A wrapper's own text is the name and message of its cause.
      if (message != null && !message.isBlank() && !wraps(innermost, message)) {
        return message;
      }
      Throwable cause = innermost.getCause();
      if (cause == null) {
        break;
      }
      innermost = cause;
    }
    String message = innermost.getMessage();
    if (message != null && !message.isBlank()) {
      return message;
    }
    return innermost instanceof TimeoutException
        ? "no answer in time"
        : innermost.getClass().getName();
  }

  private static boolean wraps(Throwable failure, String message) {
    Throwable cause = failure.getCause();
    return cause != null && message.equals(cause.toString());
  }
}
