package dev.tocsin.storage.http;

import dev.tocsin.otlp.json.OtlpJson;
import dev.tocsin.storage.ports.LogReader.StoredLog;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** Log records as the API shows them. */
final class LogJson {
  private LogJson() {}

  static JsonArray list(List<StoredLog> logs) {
    JsonArray list = new JsonArray();
    logs.forEach(log -> list.add(of(log)));
    return list;
  }

  static JsonObject of(StoredLog log) {
    JsonObject json =
        new JsonObject()
            .put("time", TraceRoutes.time(log.nanos()))
            .put("timeUnixNano", Long.toString(log.nanos()))
            .put("service", log.service())
            .put("text", log.text())
            .put("logRecord", OtlpJson.USUAL.write(log.log()))
            .put("resource", OtlpJson.USUAL.write(log.resource().getResource()))
            .put("resourceSchemaUrl", log.resource().getSchemaUrl())
            .put("scope", OtlpJson.USUAL.write(log.scope().getScope()))
            .put("scopeSchemaUrl", log.scope().getSchemaUrl());
    return log.truncated() ? json.put("truncated", true) : json;
  }
}
