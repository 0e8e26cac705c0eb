package dev.tocsin.app.conformance.probe;

import java.util.List;
import java.util.Set;

/** Codes of gRPC, and which of them make a client send again. */
public final class GrpcCode {
  public static final int OK = 0;
  public static final int INVALID_ARGUMENT = 3;
  public static final int RESOURCE_EXHAUSTED = 8;
  public static final int UNIMPLEMENTED = 12;

  private static final List<String> NAMES =
      List.of(
          "OK",
          "CANCELLED",
          "UNKNOWN",
          "INVALID_ARGUMENT",
          "DEADLINE_EXCEEDED",
          "NOT_FOUND",
          "ALREADY_EXISTS",
          "PERMISSION_DENIED",
          "RESOURCE_EXHAUSTED",
          "FAILED_PRECONDITION",
          "ABORTED",
          "OUT_OF_RANGE",
          "UNIMPLEMENTED",
          "INTERNAL",
          "UNAVAILABLE",
          "DATA_LOSS",
          "UNAUTHENTICATED");

  /** OTLP's table of retryable codes, without RESOURCE_EXHAUSTED, which depends on RetryInfo. */
  private static final Set<Integer> RETRYABLE = Set.of(1, 4, 10, 11, 14, 15);

  private GrpcCode() {}

  public static boolean retryable(int code) {
    return RETRYABLE.contains(code);
  }

  public static String name(int code) {
    return code >= 0 && code < NAMES.size() ? code + " " + NAMES.get(code) : Integer.toString(code);
  }
}
