package dev.tocsin.app.conformance.probe;

import java.util.List;
import java.util.Optional;

/** A command line that repeats a request by hand. */
public final class Curl {
  private static final int VALUE_CHARS_MAX = 80;

  private Curl() {}

  /**
   * @param secret headers that came from the user: named, without their values
   * @return empty when curl cannot send it, or not in a line
   */
  public static Optional<String> line(ServerAddress origin, Request request, List<Header> secret) {
    boolean ordinary =
        request.framing() == Request.Framing.LENGTH || request.framing() == Request.Framing.CHUNKED;
    boolean short_ =
        request.headers().size() < 8
            && request.headers().stream().allMatch(h -> h.value().length() <= VALUE_CHARS_MAX);
    String shell = request.body().shell();
    boolean empty = request.body().length() == 0;
    if (!ordinary || !short_ || (shell == null && !empty)) {
      return Optional.empty();
    }
    StringBuilder line = new StringBuilder(empty ? "" : shell + " | ").append("curl -sS -i");
    if (request.version() == Request.Version.HTTP_2) {
      line.append(origin.tls() ? " --http2" : " --http2-prior-knowledge");
    }
    if (origin.tls()) {
      line.append(" -k");
    }
    if (request.framing() == Request.Framing.CHUNKED
        && request.version() == Request.Version.HTTP_1_1) {
      line.append(" -H 'transfer-encoding: chunked'");
    }
    request.headers().forEach(h -> line.append(header(h.name(), h.value())));
    secret.forEach(h -> line.append(header(h.name(), "***")));
    if (!request.method().equals("POST") || empty) {
      line.append(" -X ").append(request.method());
    }
    line.append(empty ? "" : " --data-binary @-").append(' ').append(origin).append(request.path());
    if (request.header("content-type").orElse("").startsWith("application/grpc")) {
      line.append(" --output - | od -c");
    }
    return Optional.of(line.toString());
  }

  private static String header(String name, String value) {
    return " -H '" + name + ": " + value.replace("'", "'\\''") + "'";
  }

  static String cut(String value) {
    return value.length() <= VALUE_CHARS_MAX
        ? value
        : value.substring(0, VALUE_CHARS_MAX) + "... (" + value.length() + " characters)";
  }
}
