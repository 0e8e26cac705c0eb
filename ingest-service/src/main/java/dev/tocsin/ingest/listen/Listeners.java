package dev.tocsin.ingest.listen;

import dev.tocsin.common.http.TlsReloader;
import dev.tocsin.common.http.TlsSettings;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all listeners have in common: limits of connections, protection from floods, TLS. */
public final class Listeners {
  private static final Logger log = LoggerFactory.getLogger(Listeners.class);

  /**
   * How many streams one side may reset. Resets of ours count too, and we reset what a client goes
   * on to send after it was refused, so this must bear an overload; a rapid-reset attack passes it
   * in a fraction of a second.
   */
  private static final int RESETS_MAX = 4_000;

  private static final int RESETS_WINDOW_SECONDS = 10;

  private final Connections connections;
  private final TlsSettings tls;
  private final TlsReloader certificates;

  public Listeners(Connections connections, TlsSettings tls, TlsReloader certificates) {
    this.connections = connections;
    this.tls = tls;
    this.certificates = certificates;
  }

  /** A server that is not listening yet; to be called when certificates are loaded. */
  public HttpServer create(Vertx vertx, ListenAddress endpoint, HttpServerOptions transport) {
    return GuardedHttp.create(vertx, options(endpoint, transport), connections)
        // Failed handshakes and resets are the clients' doing: worth no line each in the log.
        .exceptionHandler(failure -> log.debug("{}: {}", endpoint, failure.toString()));
  }

  /** Whether the endpoint speaks TLS. */
  public boolean encrypts(ListenAddress endpoint) {
    return tls.enabled() && endpoint.isPort();
  }

  /** Has the server's certificate replaced whenever there is a newer one. */
  public void keepUpToDate(ListenAddress endpoint, HttpServer server) {
    if (encrypts(endpoint)) {
      certificates.onChange(server::updateSSLOptions);
    }
  }

  private HttpServerOptions options(ListenAddress endpoint, HttpServerOptions transport) {
    ConnectionLimits limits = connections.limits();
    Http2Settings http2 = new Http2Settings(transport.getInitialSettings());
    HttpServerOptions options =
        new HttpServerOptions(transport)
            .setInitialSettings(
                http2
                    .setMaxConcurrentStreams(limits.streamsMax())
                    .setMaxHeaderListSize(limits.headerBytesMax()))
            .setMaxHeaderSize(limits.headerBytesMax())
            .setHttp2RstFloodMaxRstFramePerWindow(RESETS_MAX)
            .setHttp2RstFloodWindowDuration(RESETS_WINDOW_SECONDS)
            .setHttp2RstFloodWindowDurationTimeUnit(TimeUnit.SECONDS)
            .setIdleTimeout((int) limits.idleTimeoutMs())
            .setIdleTimeoutUnit(TimeUnit.MILLISECONDS);
    if (encrypts(endpoint)) {
      ServerSSLOptions ssl = certificates.options();
      options
          .setSsl(true)
          .setUseAlpn(true)
          .setKeyCertOptions(ssl.getKeyCertOptions())
          .setTrustOptions(ssl.getTrustOptions())
          .setClientAuth(ssl.getClientAuth())
          .setEnabledSecureTransportProtocols(ssl.getEnabledSecureTransportProtocols())
          .setSslHandshakeTimeout(limits.headerTimeoutMs())
          .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
    }
    return options;
  }
}
