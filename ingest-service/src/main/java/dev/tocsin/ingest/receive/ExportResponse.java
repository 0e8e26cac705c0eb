package dev.tocsin.ingest.receive;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.common.otlp.Signal;
import dev.tocsin.ingest.ExportResult;
import io.vertx.core.json.JsonObject;

/**
 * An {@code Export…ServiceResponse}: {@code partial_success} is set only when items were rejected.
 */
public final class ExportResponse {
  private static final byte[] EMPTY = {};
  private static final byte[] EMPTY_JSON = "{}".getBytes(UTF_8);

  private ExportResponse() {}

  public static byte[] protobuf(ExportResult result) {
    if (result.rejected() == 0) {
      return EMPTY;
    }
    byte[] partial =
        RpcStatus.message(
            success -> {
              success.writeInt64(1, result.rejected());
              success.writeString(2, result.message());
            });
    return RpcStatus.message(response -> response.writeByteArray(1, partial));
  }

  public static byte[] json(Signal signal, ExportResult result) {
    if (result.rejected() == 0) {
      return EMPTY_JSON;
    }
    String count =
        switch (signal) {
          case TRACES -> "rejectedSpans";
          case METRICS -> "rejectedDataPoints";
          case LOGS -> "rejectedLogRecords";
        };
    JsonObject partial =
        new JsonObject()
            .put(count, Integer.toString(result.rejected()))
            .put("errorMessage", result.message());
    return new JsonObject().put("partialSuccess", partial).toBuffer().getBytes();
  }
}
