package dev.tocsin.common.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.JksOptions;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutboundHttpTest {
  @TempDir Path directory;
  private final Vertx vertx = Vertx.vertx();
  private Duration timeout = Duration.ofSeconds(15);
  private final AtomicReference<HttpServerRequest> last = new AtomicReference<>();

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
            .requestHandler(this::answer)
            .listen());
  }

  private void answer(HttpServerRequest request) {
    last.set(request);
    switch (request.path()) {
      case "/large" -> request.response().end(Buffer.buffer(new byte[1 << 20]));
      case "/redirect" -> request.response().setStatusCode(307).putHeader("location", "/ok").end();
      case "/drip" -> drip(request);
      case "/silent" -> request.pause();
      default -> request.response().putHeader("retry-after", "7").end("ok");
    }
  }

  private void drip(HttpServerRequest request) {
    request.response().setChunked(true);
    vertx.setPeriodic(
        50,
        timer -> {
          if (request.response().closed()) {
            vertx.cancelTimer(timer);
          } else {
            request.response().write("x");
          }
        });
  }

  private OutboundHttp client(List<String> allowHosts, HttpClientOptions options) {
    OutboundGuard guard =
        new OutboundGuard(vertx, allowHosts, host -> InetAddress.getAllByName("127.0.0.1"));
    return OutboundHttp.create(vertx, guard, options, timeout);
  }

  private OutboundHttp.Answer post(String path) throws Exception {
    URI url =
        URI.create("http://local.test:" + server(new HttpServerOptions()).actualPort() + path);
    OutboundHttp client = client(List.of("local.test"), new HttpClientOptions());
    return get(client.post(url, Map.of("x-test", "1"), Buffer.buffer("hello")));
  }

  @Test
  void post_reachesTheCheckedAddress_underTheHostsName() throws Exception {
    OutboundHttp.Answer answer = post("/ok?a=b");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body().toString()).isEqualTo("ok");
    assertThat(answer.retryAfter()).isEqualTo("7");
    assertThat(last.get().authority().host()).isEqualTo("local.test");
    assertThat(last.get().query()).isEqualTo("a=b");
    assertThat(last.get().getHeader("x-test")).isEqualTo("1");
  }

  @Test
  void answer_isCutAt64KiB() throws Exception {
    assertThat(post("/large").body().length()).isEqualTo(64 << 10);
  }

  @Test
  void redirect_isNotFollowed() throws Exception {
    assertThat(post("/redirect").status()).isEqualTo(307);
    assertThat(last.get().path()).isEqualTo("/redirect");
  }

  @Test
  void slowServer_isGivenUp() {
    timeout = Duration.ofMillis(500);
    assertThatThrownBy(() -> post("/drip")).cause().isInstanceOf(TimeoutException.class);
    assertThatThrownBy(() -> post("/silent")).cause().isInstanceOf(TimeoutException.class);
  }

  @Test
  void tls_isVerifiedForTheHost_notForTheAddress() throws Exception {
    Path store = directory.resolve("keys.jks");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "test",
                "-keyalg",
                "EC",
                "-dname",
                "CN=local.test",
                "-ext",
                "san=dns:local.test",
                "-storepass",
                "changeit",
                "-keystore",
                store.toString())
            .inheritIO()
            .start();
    assertThat(keytool.waitFor()).isZero();
    JksOptions keys = new JksOptions().setPath(store.toString()).setPassword("changeit");
    int port = server(new HttpServerOptions().setSsl(true).setKeyCertOptions(keys)).actualPort();
    HttpClientOptions trusting = new HttpClientOptions().setTrustOptions(keys);
    OutboundHttp client = client(List.of("local.test", "other.test"), trusting);

    URI url = URI.create("https://local.test:" + port + "/ok");
    assertThat(get(client.post(url, Map.of(), Buffer.buffer())).status()).isEqualTo(200);
    URI other = URI.create("https://other.test:" + port + "/ok");
    assertThatThrownBy(() -> get(client.post(other, Map.of(), Buffer.buffer())))
        .hasStackTraceContaining("other.test");
  }
}
