package dev.tocsin.app.conformance.probe;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Where a receiver listens.
 *
 * @param tls whether the connection is encrypted
 */
public record Origin(boolean tls, String host, int port) {

  /**
   * Reads {@code host}, {@code host:port} or {@code http(s)://host[:port]}; a path is not used.
   *
   * @param defaultPort when the text names none
   * @throws IllegalArgumentException naming what was expected
   */
  public static Origin parse(String text, int defaultPort) {
    String url = text.contains("://") ? text : "http://" + text;
    URI uri;
    try {
      uri = URI.create(url);
    } catch (IllegalArgumentException e) {
      throw unusable(text);
    }
    @Nullable String host = uri.getHost();
    String scheme = uri.getScheme();
    if (host == null || !(scheme.equals("http") || scheme.equals("https"))) {
      throw unusable(text);
    }
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return new Origin(
        scheme.equals("https"), bare, uri.getPort() < 0 ? defaultPort : uri.getPort());
  }

  private static IllegalArgumentException unusable(String text) {
    return new IllegalArgumentException(
        text + ": not usable (expected: host, host:port, http://host:port or https://host:port)");
  }

  /** {@code host:port}, as in a Host header. */
  public String authority() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }

  @Override
  public String toString() {
    return (tls ? "https://" : "http://") + authority();
  }
}
