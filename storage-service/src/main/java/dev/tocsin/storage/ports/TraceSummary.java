package dev.tocsin.storage.ports;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * A trace in a line.
 *
 * @param rootService service of the span without a parent, or of the earliest one stored
 * @param startNanos start of the earliest span
 * @param durationNanos from there to the end of the last
 * @param services distinct, ascending
 * @param partial whether it is in so many segments that not all were looked at: it is at least what
 *     is said here
 * @param truncated whether a name was cut, or services were left out, as a list has no room
 */
public record TraceSummary(
    ByteString traceId,
    String rootService,
    String rootOperation,
    long startNanos,
    long durationNanos,
    int spanCount,
    int errorCount,
    List<String> services,
    boolean partial,
    boolean truncated) {

  /** Of a service or an operation, in UTF-8; a character is never halved. */
  public static final int NAME_BYTES_MAX = 1_024;

  /** Names of services are left out beyond these. */
  public static final int SERVICES_MAX = 100;

  private static final int SERVICES_BYTES_MAX = 8 << 10;

  /** Names of fields, numbers, the id. */
  private static final int FRAME_BYTES = 400;

  /**
   * The first of the services, as a list has room for them.
   *
   * @param services ascending
   */
  public static List<String> fitting(Collection<String> services) {
    List<String> fitting = new ArrayList<>();
    int left = SERVICES_BYTES_MAX;
    for (String service : services) {
      left -= service.length();
      if (fitting.size() == SERVICES_MAX || left < 0) {
        break;
      }
      fitting.add(service);
    }
    return List.copyOf(fitting);
  }

  /** What it takes in an answer in JSON, at most. */
  public long answerBytes() {
    long bytes = FRAME_BYTES + AnswerBytes.of(rootService) + AnswerBytes.of(rootOperation);
    for (String service : services) {
      bytes += AnswerBytes.of(service) + 1;
    }
    return bytes;
  }
}
