package dev.tocsin.console.service;

import dev.tocsin.common.config.Section;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.http.Listen;
import dev.tocsin.console.proxy.Upstream;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What the console is told; section {@code [console]}.
 *
 * @param allowedHosts names this console may be called by besides those of {@code [http]}; a
 *     request for another one is refused, so that a foreign page cannot reach it by a name of its
 *     own
 * @param upstreams base address of each service's API
 * @param askTimeout how long a service may take to answer when the status is gathered
 * @param proxyTimeout how long a service may be silent while a request is passed on
 * @param otlpGrpcEndpoint and {@code otlpHttpEndpoint}: what the page tells people to point their
 *     SDKs to
 */
public record ConsoleConfig(
    Listen listen,
    List<String> allowedHosts,
    Map<Upstream, URI> upstreams,
    Duration askTimeout,
    Duration proxyTimeout,
    String otlpGrpcEndpoint,
    String otlpHttpEndpoint) {

  public ConsoleConfig {
    allowedHosts = List.copyOf(allowedHosts);
    upstreams = Map.copyOf(upstreams);
  }

  /** Reads section {@code [console]}; every default is here. */
  public static ConsoleConfig from(Settings settings) {
    Section console = settings.section("console");
    Map<Upstream, URI> upstreams = new EnumMap<>(Upstream.class);
    for (Upstream upstream : Upstream.values()) {
      upstreams.put(upstream, url(console, upstream));
    }
    return new ConsoleConfig(
        Listen.from(settings, "console", "port", 8080),
        Listen.Names.hosts(console, List.of("localhost", "127.0.0.1", "[::1]")),
        upstreams,
        console.duration("ask_timeout", Duration.ofSeconds(3)),
        console.duration("proxy_timeout", Duration.ofSeconds(30)),
        console.string("otlp_grpc_endpoint", "http://127.0.0.1:4317"),
        console.string("otlp_http_endpoint", "http://127.0.0.1:4318"));
  }

  /** Where it listens, with all the names it may be called by. */
  Listen door() {
    return new Listen(
        listen.host(), listen.port(), listen.names().and("console.allowed_hosts", allowedHosts));
  }

  private static URI url(Section console, Upstream upstream) {
    String fallback = "http://127.0.0.1:" + upstream.defaultPort();
    String text = console.string(upstream.key(), fallback);
    try {
      URI uri = new URI(text);
      if ("http".equals(uri.getScheme()) && uri.getHost() != null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // Reported below with the other kinds of unusable addresses.
    }
    console.problem(upstream.key(), text, "an address such as " + fallback);
    return URI.create(fallback);
  }
}
