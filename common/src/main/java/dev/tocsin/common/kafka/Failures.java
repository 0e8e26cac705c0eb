package dev.tocsin.common.kafka;

import dev.tocsin.common.runtime.DiskFull;
import io.vertx.core.VertxException;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;

/** Tells failures of the world from failures of a record. */
public final class Failures {
  private Failures() {}

  /**
   * Whether the failure, or what it was caused by, comes from a broken or slow connection, a broker
   * that refuses to serve, or an interrupted thread. Kafka's refusals of a record as such (too
   * large, not to be serialised) are not.
   */
  public static boolean environmental(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (ofRecord(cause)) {
        return false;
      }
    }
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof KafkaException
          || cause instanceof IOException
          || cause instanceof TimeoutException
          || cause instanceof InterruptedException
          || cause instanceof VertxException) {
        return true;
      }
    }
    return false;
  }

  private static boolean ofRecord(Throwable cause) {
    return cause instanceof RecordTooLargeException
        || cause instanceof RecordBatchTooLargeException
        || cause instanceof SerializationException
        || cause instanceof InvalidRecordException;
  }

  /** The innermost message, or the name of the exception that has none. */
  public static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = root.getMessage() == null ? root.toString() : root.getMessage();
    return DiskFull.told(failure, message);
  }
}
