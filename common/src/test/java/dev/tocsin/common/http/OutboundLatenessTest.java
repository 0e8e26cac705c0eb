package dev.tocsin.common.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SelfSignedCertificate;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A post that has timed out is over: whoever was told so sends again, and the first must not follow
 * late. Each test holds the way up, lets the time-out come, opens the way, and sends once more:
 * what arrives is that and nothing else.
 */
class OutboundLatenessTest {
  private final Vertx vertx = Vertx.vertx();
  private final Queue<String> received = new ConcurrentLinkedQueue<>();
  private final CountDownLatch way = new CountDownLatch(1);
  private final CountDownLatch arrived = new CountDownLatch(1);
  private final AtomicInteger resolved = new AtomicInteger();

  @AfterEach
  void stop() throws Exception {
    get(vertx.close());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private HttpServer server(HttpServerOptions options) throws Exception {
    return get(
        vertx
            .createHttpServer(options.setHost("127.0.0.1").setPort(0))
            .requestHandler(
                request -> {
                  request
                      .body()
                      .onSuccess(
                          body -> {
                            received.add(request.path() + " " + body);
                            request.response().end();
                          });
                })
            .listen());
  }

  private OutboundHttp client(OutboundGuard.Resolver resolver, Duration timeout) {
    OutboundGuard guard = new OutboundGuard(vertx, List.of("local.test"), resolver);
    HttpClientOptions options = new HttpClientOptions().setTrustAll(true);
    return OutboundHttp.create(vertx, guard, options, timeout);
  }

  private static InetAddress[] loopback(String host) throws UnknownHostException {
    return InetAddress.getAllByName("127.0.0.1");
  }

  private static void timesOut(Future<?> post) {
    assertThatThrownBy(() -> get(post))
        .cause()
        .isInstanceOf(TimeoutException.class)
        .hasMessageStartingWith("nothing was sent in ");
  }

  private static Future<OutboundHttp.Answer> post(
      OutboundHttp client, String scheme, int port, String path) {
    URI url = URI.create(scheme + "://local.test:" + port + path);
    return client.post(url, Map.of(), Buffer.buffer("page"));
  }

  @Test
  void nothingIsSent_whenTheNameIsResolvedTooLate() throws Exception {
    int port = server(new HttpServerOptions()).actualPort();
    OutboundHttp slow =
        client(
            host -> {
              if (resolved.getAndIncrement() == 0) {
                awaitWay();
              }
              return loopback(host);
            },
            Duration.ofMillis(300));
    timesOut(post(slow, "http", port, "/first"));
    way.countDown();
    arrivesAlone(post(slow, "http", port, "/again"));
  }

  private void awaitWay() {
    try {
      assertThat(way.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void nothingIsSent_whenTlsIsAgreedOnTooLate() throws Exception {
    HttpServerOptions tls =
        new HttpServerOptions()
            .setSsl(true)
            .setKeyCertOptions(SelfSignedCertificate.create("local.test").keyCertOptions());
    int port = server(tls).actualPort();
    Queue<NetSocket> paused = new ConcurrentLinkedQueue<>();
    NetServer relay = relay(port, paused);
    OutboundHttp client = client(OutboundLatenessTest::loopback, Duration.ofSeconds(3));
    timesOut(post(client, "https", relay.actualPort(), "/first"));
    assertThat(arrived.await(20, TimeUnit.SECONDS)).isTrue();
    way.countDown();
    paused.forEach(NetSocket::resume);
    OutboundHttp patient = client(OutboundLatenessTest::loopback, Duration.ofSeconds(15));
    arrivesAlone(post(patient, "https", port, "/again"));
  }

  /** Passes bytes on to the port, those of the first connection only when it is resumed. */
  private NetServer relay(int port, Queue<NetSocket> paused) throws Exception {
    return get(
        vertx
            .createNetServer()
            .connectHandler(
                from -> {
                  from.pause();
                  vertx
                      .createNetClient()
                      .connect(port, "127.0.0.1")
                      .onSuccess(
                          to -> {
                            from.handler(to::write);
                            to.handler(from::write);
                            from.closeHandler(closed -> to.close());
                            paused.add(from);
                            arrived.countDown();
                          });
                })
            .listen(0, "127.0.0.1"));
  }

  /** Once this is answered, what was on its way before it has arrived too, or never will. */
  private void arrivesAlone(Future<OutboundHttp.Answer> post) throws Exception {
    assertThat(get(post).status()).isEqualTo(200);
    assertThat(received).containsExactly("/again page");
  }
}
