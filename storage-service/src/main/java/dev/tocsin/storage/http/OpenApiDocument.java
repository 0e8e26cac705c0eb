package dev.tocsin.storage.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Set;

/** {@code GET /api/v1/openapi.json}: the API described, as packed into the service. */
final class OpenApiDocument {
  private static final String RESOURCE = "openapi.json";

  private final Buffer document;

  private OpenApiDocument(Buffer document) {
    this.document = document;
  }

  /**
   * @param rowsMax most items of an answer, which depends on the configuration
   */
  static Endpoint endpoint(int rowsMax) {
    OpenApiDocument loaded = new OpenApiDocument(withLimit(new JsonObject(read()), rowsMax));
    return Endpoint.get("/api/v1/openapi.json", Set.of(), loaded::send);
  }

  static Buffer read() {
    try (InputStream in = OpenApiDocument.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + RESOURCE);
      }
      return Buffer.buffer(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The own API's; Prometheus's is held to what there is, not refused. */
  private static Buffer withLimit(JsonObject document, int rowsMax) {
    JsonObject paths = document.getJsonObject("paths");
    for (String path : paths.fieldNames()) {
      JsonObject get = paths.getJsonObject(path).getJsonObject("get");
      if (path.startsWith("/api/v1") && get != null) {
        for (Object parameter : get.getJsonArray("parameters", new JsonArray())) {
          JsonObject each = (JsonObject) parameter;
          if (each.getString("name").equals("limit")) {
            JsonObject schema = each.getJsonObject("schema");
            schema
                .put("maximum", rowsMax)
                .put("default", Math.min(rowsMax, schema.getInteger("default")));
          }
        }
      }
    }
    return document.toBuffer();
  }

  private void send(RoutingContext routing) {
    routing.response().putHeader("content-type", "application/json").end(document);
  }
}
