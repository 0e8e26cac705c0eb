package dev.tocsin.ingest.receive;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.ingest.ports.ExportResult;
import dev.tocsin.otlp.wire.Signal;
import io.vertx.core.json.JsonObject;

/**
 * An {@code Export…ServiceResponse}: {@code partial_success} is set only when there is something to
 * say, of rejected items or, with a count of 0, of warnings. Always small: see {@link
 * ExportResult#message}.
 */
public final class ExportResponse {
  private static final byte[] EMPTY = {};
  private static final byte[] EMPTY_JSON = "{}".getBytes(UTF_8);

  private ExportResponse() {}

  public static byte[] protobuf(ExportResult result) {
    String message = result.message();
    if (message.isEmpty()) {
      return EMPTY;
    }
    byte[] partial =
        RpcStatus.message(
            success -> {
              if (result.rejected() > 0) {
                success.writeInt64(1, result.rejected());
              }
              success.writeString(2, message);
            });
    return RpcStatus.message(response -> response.writeByteArray(1, partial));
  }

  public static byte[] json(Signal signal, ExportResult result) {
    String message = result.message();
    if (message.isEmpty()) {
      return EMPTY_JSON;
    }
    String count =
        switch (signal) {
          case TRACES -> "rejectedSpans";
          case METRICS -> "rejectedDataPoints";
          case LOGS -> "rejectedLogRecords";
          case PROFILES -> "rejectedProfiles";
        };
    JsonObject partial = new JsonObject();
    if (result.rejected() > 0) {
      partial.put(count, Integer.toString(result.rejected()));
    }
    partial.put("errorMessage", message);
    return new JsonObject().put("partialSuccess", partial).toBuffer().getBytes();
  }
}
