package dev.tocsin.app.bench;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the replies of OTLP mean: OTLP 1.11, "Failures" of gRPC and of HTTP. */
final class Replies {
  private static final int GRPC_PREFIX_BYTES = 5;
  private static final ByteString RETRY_INFO =
      ByteString.copyFromUtf8("type.googleapis.com/google.rpc.RetryInfo");
  private static final int RESOURCE_EXHAUSTED = 8;
  private static final Set<Integer> GRPC_RETRYABLE = Set.of(1, 4, 10, 11, 14, 15);
  private static final Set<Integer> HTTP_RETRYABLE = Set.of(429, 502, 503, 504);
  private static final List<String> GRPC_CODES =
      List.of(
          RequestOutcome.OK,
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

  private Replies() {}

  /**
   * Of a gRPC call.
   *
   * @param head headers, which hold the status when there was no message
   * @param body the message in its frame
   */
  static RequestOutcome grpc(int httpStatus, MultiMap head, MultiMap trailers, Buffer body) {
    MultiMap holder = trailers.contains("grpc-status") ? trailers : head;
    String status = holder.get("grpc-status");
    if (httpStatus != 200 || status == null) {
      return httpFailure(httpStatus, null);
    }
    int code = code(status);
    if (code == 0) {
      return body.length() <= GRPC_PREFIX_BYTES
          ? RequestOutcome.accepted(0)
          : RequestOutcome.accepted(rejected(body.getBytes(GRPC_PREFIX_BYTES, body.length())));
    }
    String name = code > 0 && code < GRPC_CODES.size() ? GRPC_CODES.get(code) : "gRPC " + status;
    long delayMs = retryDelayMs(holder.get("grpc-status-details-bin"));
    boolean again = GRPC_RETRYABLE.contains(code) || (code == RESOURCE_EXHAUSTED && delayMs >= 0);
    return again ? RequestOutcome.retryable(name, delayMs) : RequestOutcome.refused(name);
  }

  private static int code(String status) {
    try {
      return Integer.parseInt(status);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /** Of an HTTP request. */
  static RequestOutcome http(int status, @Nullable String retryAfter, Buffer body, boolean json) {
    return status == 200
        ? RequestOutcome.accepted(json ? rejectedInJson(body) : rejected(body.getBytes()))
        : httpFailure(status, retryAfter);
  }

  private static RequestOutcome httpFailure(int status, @Nullable String retryAfter) {
    String name = "HTTP " + status;
    if (!HTTP_RETRYABLE.contains(status)) {
      return RequestOutcome.refused(name);
    }
    return RequestOutcome.retryable(name, retryAfter == null ? 0 : 1_000L * code(retryAfter));
  }

  /** {@code partial_success = 1 {rejected_… = 1}} of every signal's response. */
  private static long rejected(byte[] response) {
    try {
      long rejected = 0;
      for (var partial : UnknownFieldSet.parseFrom(response).getField(1).getLengthDelimitedList()) {
        for (long count : UnknownFieldSet.parseFrom(partial).getField(1).getVarintList()) {
          rejected += count;
        }
      }
      return rejected;
    } catch (InvalidProtocolBufferException e) {
      return 0;
    }
  }

  private static long rejectedInJson(Buffer body) {
    if (body.length() <= 2) {
      return 0;
    }
    try {
      JsonObject partial = body.toJsonObject().getJsonObject("partialSuccess", new JsonObject());
      for (String key : List.of("rejectedSpans", "rejectedDataPoints", "rejectedLogRecords")) {
        if (partial.containsKey(key)) {
          return Long.parseLong(String.valueOf(partial.getValue(key)));
        }
      }
      return 0;
    } catch (DecodeException | NumberFormatException e) {
      return 0;
    }
  }

  /** The delay of the {@code RetryInfo} in a {@code google.rpc.Status}; negative without one. */
  private static long retryDelayMs(@Nullable String details) {
    if (details == null) {
      return -1;
    }
    try {
      byte[] status = Base64.getDecoder().decode(details);
      for (ByteString any :
          UnknownFieldSet.parseFrom(status).getField(3).getLengthDelimitedList()) {
        UnknownFieldSet detail = UnknownFieldSet.parseFrom(any);
        if (detail.getField(1).getLengthDelimitedList().contains(RETRY_INFO)) {
          return durationMs(detail.getField(2).getLengthDelimitedList().get(0));
        }
      }
      return -1;
    } catch (InvalidProtocolBufferException
        | IllegalArgumentException
        | IndexOutOfBoundsException e) {
      return -1;
    }
  }

  private static long durationMs(ByteString retryInfo) throws InvalidProtocolBufferException {
    long ms = 0;
    for (var duration : UnknownFieldSet.parseFrom(retryInfo).getField(1).getLengthDelimitedList()) {
      UnknownFieldSet fields = UnknownFieldSet.parseFrom(duration);
      ms += 1_000 * fields.getField(1).getVarintList().stream().mapToLong(v -> v).sum();
      ms += fields.getField(2).getVarintList().stream().mapToLong(v -> v).sum() / 1_000_000;
    }
    return ms;
  }
}
