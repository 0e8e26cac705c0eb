package dev.tocsin.common.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Posts to URLs the {@link OutboundGuard} lets pass: connects to the checked address with the URL's
 * host for TLS, never follows redirects, reads at most 64 KiB of the answer, and gives up after the
 * timeout whatever the server does.
 */
public final class OutboundHttp {
  private static final int CONNECT_TIMEOUT_MS = 5_000;

  /**
   * An answer.
   *
   * @param body the first 64 KiB of it
   * @param retryAfter the header in text, null when absent
   */
  public record Answer(int status, Buffer body, @Nullable String retryAfter) {}

  private final OutboundGuard guard;
  private final HttpClient client;
  private final Duration timeout;

  private OutboundHttp(OutboundGuard guard, HttpClient client, Duration timeout) {
    this.guard = guard;
    this.client = client;
    this.timeout = timeout;
  }

  /**
   * @param options for tests that need a trust store; else {@code new HttpClientOptions()}
   */
  public static OutboundHttp create(
      Vertx vertx, OutboundGuard guard, HttpClientOptions options, Duration timeout) {
    HttpClientOptions strict =
        new HttpClientOptions(options)
            .setConnectTimeout(CONNECT_TIMEOUT_MS)
            .setVerifyHost(true)
            .setIdleTimeout(30)
            .setKeepAliveTimeout(10);
    PoolOptions pool = new PoolOptions().setHttp1MaxSize(16).setMaxWaitQueueSize(1_000);
    return new OutboundHttp(guard, vertx.createHttpClient(strict, pool), timeout);
  }

  /**
   * Any status is an answer. Fails when the guard refuses, on network errors and on timeout; a
   * request that failed may still have been received, but what was not sent before this fails is
   * not sent later.
   */
  public Future<Answer> post(URI url, Map<String, String> headers, Buffer body) {
    Posting posting = new Posting(timeout);
    Future<HttpClientRequest> way =
        guard
            .check(url)
            .compose(
                target ->
                    posting.isOver()
                        ? Future.failedFuture("too late to connect")
                        : client.request(options(target, headers)));
    return posting.post(way, body);
  }

  private RequestOptions options(OutboundGuard.Target target, Map<String, String> headers) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setServer(target.address())
            .setHost(target.url().getHost())
            .setPort(target.port())
            .setSsl(target.ssl())
            .setURI(target.requestUri())
            .setFollowRedirects(false)
            .setConnectTimeout(CONNECT_TIMEOUT_MS)
            .setIdleTimeout(timeout.toMillis());
    headers.forEach(options::putHeader);
    return options;
  }

  /** Closes the connections. */
  public Future<Void> close() {
    return client.close();
  }
}
