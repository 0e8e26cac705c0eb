package dev.tocsin.console.proxy;

import dev.tocsin.common.runtime.Component;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The HTTP client for the services' APIs; its connections are closed with it. */
public final class Upstreams implements Component {
  private static final int CONNECTIONS_MAX = 16;
  private static final int WAITING_MAX = 128;
  private static final long ANSWER_BYTES_MAX = 1 << 20;

  private final Vertx vertx;
  private final Map<Upstream, URI> addresses;
  private final Duration askTimeout;
  private final Duration proxyTimeout;
  private @Nullable HttpClientAgent client;
  private @Nullable WebSocketClient sockets;

  /**
   * @param addresses of each service's API
   * @param askTimeout how long a service may take to be reached
   * @param proxyTimeout how long a service may be silent on a WebSocket
   */
  public Upstreams(
      Vertx vertx, Map<Upstream, URI> addresses, Duration askTimeout, Duration proxyTimeout) {
    this.vertx = vertx;
    this.addresses = Map.copyOf(addresses);
    this.askTimeout = askTimeout;
    this.proxyTimeout = proxyTimeout;
  }

  /** A whole answer, of at most 1 MiB. */
  public record Answer(int status, Buffer body) {}

  @Override
  public String name() {
    return "upstreams";
  }

  @Override
  public Future<Void> start() {
    return Future.succeededFuture();
  }

  private synchronized HttpClient client() {
    if (client == null) {
      client =
          vertx.createHttpClient(
              new HttpClientOptions()
                  .setConnectTimeout((int) askTimeout.toMillis())
                  .setKeepAliveTimeout(10)
                  .setMaxRedirects(0)
                  .setTcpNoDelay(true),
              new PoolOptions().setHttp1MaxSize(CONNECTIONS_MAX).setMaxWaitQueueSize(WAITING_MAX));
    }
    return client;
  }

  private URI address(Upstream upstream) {
    URI uri = addresses.get(upstream);
    if (uri == null) {
      throw new IllegalStateException("no address for " + upstream);
    }
    return uri;
  }

  /** Gets a whole answer within the time; fails when there is none or it is too long. */
  public Future<Answer> get(Upstream upstream, String pathAndQuery, Duration timeout) {
    return open(upstream, HttpMethod.GET, pathAndQuery, timeout)
        .compose(
            request ->
                request.putHeader("accept", "application/json").send().compose(Upstreams::read))
        .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static Future<Answer> read(HttpClientResponse response) {
    return Bodies.read(response, ANSWER_BYTES_MAX)
        .map(body -> new Answer(response.statusCode(), body));
  }

  /** Opens a request that fails when the service is silent for that long. */
  Future<HttpClientRequest> open(
      Upstream upstream, HttpMethod method, String pathAndQuery, Duration idleTimeout) {
    URI base = address(upstream);
    RequestOptions options =
        new RequestOptions()
            .setMethod(method)
            .setHost(base.getHost())
            .setPort(base.getPort() < 0 ? 80 : base.getPort())
            .setSsl(false)
            .setURI(pathAndQuery)
            .setConnectTimeout(askTimeout.toMillis())
            .setIdleTimeout(idleTimeout.toMillis());
    return client().request(options);
  }

  private synchronized WebSocketClient sockets() {
    if (sockets == null) {
      sockets =
          vertx.createWebSocketClient(
              new WebSocketClientOptions()
                  .setConnectTimeout((int) askTimeout.toMillis())
                  .setMaxConnections(SocketProxy.SOCKETS_MAX)
                  .setIdleTimeout((int) Math.max(1, proxyTimeout.toSeconds()))
                  .setTcpNoDelay(true));
    }
    return sockets;
  }

  /**
   * Opens a WebSocket, which closes when the service is silent for the proxy's time-out; services
   * ping more often than that. Fails with what the service answered when it refuses.
   */
  Future<WebSocket> webSocket(Upstream upstream, String pathAndQuery) {
    URI base = address(upstream);
    return sockets()
        .connect(
            new WebSocketConnectOptions()
                .setHost(base.getHost())
                .setPort(base.getPort() < 0 ? 80 : base.getPort())
                .setSsl(false)
                .setURI(pathAndQuery)
                .setTimeout(askTimeout.toMillis()));
  }

  @Override
  public Future<Void> stop() {
    HttpClientAgent open;
    WebSocketClient tails;
    synchronized (this) {
      open = client;
      tails = sockets;
    }
    Future<Void> closed = tails == null ? Future.succeededFuture() : tails.close();
    return closed.eventually(() -> open == null ? Future.succeededFuture() : open.close());
  }
}
