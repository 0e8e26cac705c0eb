package dev.tocsin.storage.http;

import io.vertx.core.buffer.Buffer;
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

  static Endpoint endpoint() {
    OpenApiDocument loaded = new OpenApiDocument(read());
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

  private void send(RoutingContext routing) {
    routing.response().putHeader("content-type", "application/json").end(document);
  }
}
