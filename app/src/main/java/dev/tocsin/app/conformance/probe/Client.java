package dev.tocsin.app.conformance.probe;

import dev.tocsin.common.runtime.FailureText;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemTrustOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to the receiver under test, each on a connection of its own unless asked
 * otherwise, and waits for what comes: every wait has an end. Methods block: call them from a
 * thread that is no event loop.
 */
public final class Client implements AutoCloseable {
  private final Target target;
  private final NetClient sockets;
  private final HttpClientAgent http2;

  public Client(Vertx vertx, Target target) {
    this.target = target;
    int connectMs = (int) Math.min(Integer.MAX_VALUE, target.timeoutMs());
    sockets = vertx.createNetClient(new NetClientOptions().setConnectTimeout(connectMs));
    http2 =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setUseAlpn(true)
                .setConnectTimeout(connectMs));
  }

  public Target target() {
    return target;
  }

  /** Whether a connection can be made; null if so, else why not. */
  public @Nullable String unreachable(ServerAddress origin) {
    Future<String> closed =
        sockets
            .connect(connect(origin, "http/1.1"))
            .compose(socket -> socket.close().map(""))
            .timeout(target.timeoutMs(), TimeUnit.MILLISECONDS);
    try {
      String unused = closed.toCompletionStage().toCompletableFuture().get();
      return null;
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      return FailureText.of(cause);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  public Reply send(Request request) {
    return sendTogether(List.of(request)).get(0);
  }

  /**
   * Sends over one connection: one after the other over HTTP/1.1, all at once over HTTP/2. All to
   * the same endpoint with the same version.
   */
  public List<Reply> sendTogether(List<Request> requests) {
    Request first = requests.get(0);
    @Nullable ServerAddress origin = target.origin(first.endpoint());
    if (origin == null) {
      throw new IllegalArgumentException("no address for " + first.endpoint());
    }
    List<Request> complete = requests.stream().map(this::withOwnHeaders).toList();
    Future<List<Reply>> replies =
        first.version() == Request.Version.HTTP_1_1
            ? overHttp1(origin, complete)
            : overHttp2(origin, complete);
    try {
      return replies.toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException e) {
      String why = "no connection: " + e.getMessage();
      return requests.stream().<Reply>map(r -> new NoAnswer(why, true)).toList();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** A browser asks in a preflight before it shows any credential. */
  private Request withOwnHeaders(Request request) {
    return request.method().equals("OPTIONS") ? request : request.plus(target.headers());
  }

  private Future<List<Reply>> overHttp1(ServerAddress origin, List<Request> requests) {
    return sockets
        .connect(connect(origin, "http/1.1"))
        .compose(
            socket -> {
              Http1 connection = new Http1(socket, origin);
              List<Reply> replies = new ArrayList<>();
              Future<Void> done = Future.succeededFuture();
              for (Request request : requests) {
                done =
                    done.compose(
                            before ->
                                bounded(connection.exchange(request), request).map(replies::add))
                        .mapEmpty();
              }
              return done.map(all -> replies).onComplete(all -> connection.close());
            });
  }

  private Future<List<Reply>> overHttp2(ServerAddress origin, List<Request> requests) {
    HttpConnectOptions options =
        new HttpConnectOptions()
            .setHost(origin.host())
            .setPort(origin.port())
            .setSsl(origin.tls())
            .setConnectTimeout(target.timeoutMs());
    if (origin.tls()) {
      options.setSslOptions(tls("h2"));
    }
    return http2
        .connect(options)
        .compose(
            opened -> {
              Http2 connection = new Http2(opened, origin);
              List<Future<Reply>> replies =
                  requests.stream().map(r -> bounded(connection.exchange(r), r)).toList();
              return Future.join(replies)
                  .map(all -> replies.stream().map(Future::result).toList())
                  .onComplete(all -> connection.close());
            });
  }

  private Future<Reply> bounded(Future<Reply> reply, Request request) {
    long timeoutMs = target.timeoutMs() * request.timeoutFactor();
    return reply
        .timeout(timeoutMs, TimeUnit.MILLISECONDS)
        .recover(
            failure ->
                Future.succeededFuture(
                    failure instanceof TimeoutException
                        ? new NoAnswer("no answer within " + timeoutMs / 1_000.0 + " s", false)
                        : new NoAnswer(String.valueOf(failure.getMessage()), true)));
  }

  private ConnectOptions connect(ServerAddress origin, String protocol) {
    ConnectOptions options =
        new ConnectOptions().setHost(origin.host()).setPort(origin.port()).setSsl(origin.tls());
    return origin.tls() ? options.setSslOptions(tls(protocol)) : options;
  }

  private ClientSSLOptions tls(String protocol) {
    ClientSSLOptions options =
        new ClientSSLOptions()
            .setTrustAll(target.insecure())
            .setUseAlpn(true)
            .setApplicationLayerProtocols(List.of(protocol))
            .setHostnameVerificationAlgorithm(target.insecure() ? "" : "HTTPS");
    if (target.ca() != null) {
      options.setTrustOptions(new PemTrustOptions().addCertPath(target.ca().toString()));
    }
    return options;
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while waiting for the receiver", e);
  }

  @Override
  public void close() {
    sockets.close().onFailure(failure -> {});
    http2.close().onFailure(failure -> {});
  }
}
