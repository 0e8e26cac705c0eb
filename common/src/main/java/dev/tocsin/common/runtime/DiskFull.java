package dev.tocsin.common.runtime;

import java.util.Locale;
import org.apache.kafka.common.errors.KafkaStorageException;

/**
 * Tells a full disk as such. PostgreSQL says it in the language of its server, beside an SQLSTATE,
 * and Kafka says no more than that its disk has an error.
 */
public final class DiskFull {
  private static final String PHRASE = "no space left on device";

  /** {@code disk_full}, as the messages of the PostgreSQL client end. */
  private static final String SQL_STATE = "(53100)";

  private static final int CAUSES_MAX = 20;

  private DiskFull() {}

  /** The text about a failure, with the full disk in it when that is what the failure is about. */
  public static String told(Throwable failure, String text) {
    if (text.toLowerCase(Locale.ROOT).contains(PHRASE)) {
      return text;
    }
    Throwable cause = failure;
    for (int i = 0; i < CAUSES_MAX && cause != null; i++, cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      if (cause instanceof KafkaStorageException) {
        return text + " (Kafka cannot write: " + PHRASE + ", or the device is broken)";
      }
      if (message.contains(SQL_STATE) || message.toLowerCase(Locale.ROOT).contains(PHRASE)) {
        return text + " (" + PHRASE + ")";
      }
    }
    return text;
  }
}
