package dev.tocsin.common.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Keeps foreign web pages out of an API that does not ask who is calling. A page can make the
 * browser of somebody inside send requests here: to our own address (then the Origin tells), or to
 * a name of its own that suddenly leads here (DNS rebinding; then the Host tells). So every name a
 * request gives us must be an IP address, a loopback name or a configured one, and an Origin must
 * be the address the request was sent to, or configured. Programs that are no browsers send no
 * Origin. What a proxy says of the request it got ({@code X-Forwarded-Host}) is not looked at: any
 * page can say that too.
 */
final class HostGuard implements Handler<RoutingContext> {
  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;
  private static final int SHOWN_CHARS_MAX = 100;

  private final AllowedHosts allowed;
  private final String key;
  private final MeterRegistry metrics;

  HostGuard(Listen.Names names, MeterRegistry metrics) {
    this.allowed = new AllowedHosts(names.hosts());
    this.key = names.key();
    this.metrics = metrics;
  }

  @Override
  public void handle(RoutingContext routing) {
    HttpServerRequest request = routing.request();
    List<Authority> names = names(request);
    for (Authority name : names) {
      if (!name.isAddress() && !name.isLoopbackName() && !allowed.holdsHost(name)) {
        throw refused(
            403, "host", "Host " + shown(name.host()) + " (expected: one of " + key + ")");
      }
    }
    List<String> origins = request.headers().getAll("origin");
    for (String origin : origins) {
      if (origins.size() > 1 || !ours(origin, names)) {
        throw refused(
            403,
            "origin",
            "Origin "
                + shown(origin)
                + " (expected: the address of this service itself, or one of "
                + key
                + ")");
      }
    }
    routing.response().putHeader("x-content-type-options", "nosniff");
    routing.next();
  }

  /** All the names by which the request means us: one, or several that should be the same. */
  private List<Authority> names(HttpServerRequest request) {
    List<String> texts = new ArrayList<>(request.headers().getAll("host"));
    boolean http2 = request.version() == HttpVersion.HTTP_2;
    if (texts.size() > 1 || (texts.isEmpty() && !http2)) {
      throw refused(400, "malformed", texts.size() + " Host headers (expected: one)");
    }
    if (http2) {
      HostAndPort pseudo = request.authority(true);
      texts.add(pseudo == null ? "" : pseudo.toString());
    }
    target(request.uri()).ifPresent(texts::add);
    List<Authority> names = new ArrayList<>();
    for (String text : texts) {
      names.add(
          Authority.parse(text)
              .orElseThrow(
                  () ->
                      refused(
                          400,
                          "malformed",
                          "Host '" + shown(text) + "' (expected: a name or an address)")));
    }
    return names;
  }

  /** The host in a request target of the absolute form, which counts more than the Host header. */
  private static Optional<String> target(String uri) {
    int scheme = uri.indexOf("://");
    int path = uri.indexOf('/');
    if (scheme < 0 || path < scheme) {
      return Optional.empty();
    }
    String rest = uri.substring(scheme + 3);
    int end = 0;
    while (end < rest.length() && "/?#".indexOf(rest.charAt(end)) < 0) {
      end++;
    }
    return Optional.of(rest.substring(0, end));
  }

  private boolean ours(String origin, List<Authority> names) {
    String lower = origin.toLowerCase(Locale.ROOT);
    boolean tls = lower.startsWith("https://");
    if (!tls && !lower.startsWith("http://")) {
      return false;
    }
    Optional<Authority> parsed = Authority.parse(lower.substring(lower.indexOf("//") + 2));
    if (parsed.isEmpty()) {
      return false;
    }
    Authority page = parsed.get();
    int schemePort = tls ? HTTPS_PORT : HTTP_PORT;
    int port = page.port() < 0 ? schemePort : page.port();
    if (allowed.holdsOrigin(page, port, schemePort)) {
      return true;
    }
    // Without a port the Host names that of the scheme, which only the page and a proxy know.
    return names.stream()
        .allMatch(
            name ->
                name.host().equals(page.host())
                    && port == (name.port() < 0 ? schemePort : name.port()));
  }

  private ProblemException refused(int status, String reason, String detail) {
    metrics.counter("http.requests.refused", "reason", reason).increment();
    return new ProblemException(
        new Problem(status, status == 400 ? "Bad Request" : "Forbidden", detail));
  }

  private static String shown(String text) {
    return text.length() <= SHOWN_CHARS_MAX ? text : text.substring(0, SHOWN_CHARS_MAX) + "...";
  }
}
