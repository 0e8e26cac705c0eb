package dev.tocsin.ingest.receive;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import dev.tocsin.ingest.body.BodyFormat;
import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * {@code google.rpc.Status}, the body of every error: with {@code RetryInfo} for what should be
 * sent again and {@code BadRequest} for what is malformed.
 */
public final class RpcStatus {
  private static final String TYPE_PREFIX = "type.googleapis.com/google.rpc.";

  private RpcStatus() {}

  /** In the encoding of the request. */
  public static byte[] in(BodyFormat format, RefusedException refusal, long retryDelayMs) {
    return switch (format) {
      case PROTOBUF -> protobuf(refusal, retryDelayMs);
      case JSON -> json(refusal, retryDelayMs);
    };
  }

  /** As protobuf, for both transports. */
  public static byte[] protobuf(RefusedException refusal, long retryDelayMs) {
    return message(
        status -> {
          status.writeInt32(1, refusal.reason().grpcCode());
          status.writeString(2, refusal.getMessage());
          if (refusal.reason().retryable()) {
            status.writeByteArray(3, any("RetryInfo", retryInfo(retryDelayMs)));
          } else if (refusal.reason() == Reason.MALFORMED) {
            status.writeByteArray(3, any("BadRequest", badRequest(refusal.getMessage())));
          }
        });
  }

  /** As protobuf's JSON. */
  public static byte[] json(RefusedException refusal, long retryDelayMs) {
    JsonObject status =
        new JsonObject()
            .put("code", refusal.reason().grpcCode())
            .put("message", refusal.getMessage());
    if (refusal.reason().retryable()) {
      String delay = "%d.%03ds".formatted(retryDelayMs / 1_000, retryDelayMs % 1_000);
      status.put("details", detail("RetryInfo").put("retryDelay", delay));
    } else if (refusal.reason() == Reason.MALFORMED) {
      JsonObject violation =
          new JsonObject().put("field", "body").put("description", refusal.getMessage());
      status.put(
          "details", detail("BadRequest").put("fieldViolations", new JsonArray().add(violation)));
    }
    if (status.getValue("details") instanceof JsonObject detail) {
      status.put("details", new JsonArray().add(detail));
    }
    return status.toBuffer().getBytes();
  }

  private static JsonObject detail(String type) {
    return new JsonObject().put("@type", TYPE_PREFIX + type);
  }

  private static byte[] any(String type, byte[] value) {
    return message(
        any -> {
          any.writeString(1, TYPE_PREFIX + type);
          any.writeByteArray(2, value);
        });
  }

  private static byte[] retryInfo(long delayMs) {
    byte[] duration =
        message(
            d -> {
              d.writeInt64(1, delayMs / 1_000);
              d.writeInt32(2, (int) (delayMs % 1_000) * 1_000_000);
            });
    return message(info -> info.writeBytes(1, ByteString.copyFrom(duration)));
  }

  private static byte[] badRequest(String description) {
    byte[] violation =
        message(
            v -> {
              v.writeString(1, "body");
              v.writeString(2, description);
            });
    return message(badRequest -> badRequest.writeByteArray(1, violation));
  }

  /** Writes the fields of a message. */
  interface Fields {
    void writeTo(CodedOutputStream out) throws IOException;
  }

  static byte[] message(Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      fields.writeTo(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot happen in memory", e);
    }
    return bytes.toByteArray();
  }
}
