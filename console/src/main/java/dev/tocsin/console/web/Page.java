package dev.tocsin.console.web;

import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/** The page's files, read once from the class path. */
record Page(Map<String, File> files) {

  /** One file as it is served. */
  record File(String contentType, Buffer content) {
    void send(RoutingContext routing) {
      routing
          .response()
          .putHeader("content-type", contentType)
          .putHeader("cache-control", "no-cache")
          .end(content);
    }
  }

  static Page load() {
    return new Page(
        Map.of(
            "/", file("index.html", "text/html; charset=utf-8"),
            "/console.css", file("console.css", "text/css; charset=utf-8"),
            "/console.js", file("console.js", "text/javascript; charset=utf-8"),
            "/bell.svg", file("bell.svg", "image/svg+xml")));
  }

  private static File file(String name, String contentType) {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing beside " + Page.class);
      }
      return new File(contentType, Buffer.buffer(in.readAllBytes()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
