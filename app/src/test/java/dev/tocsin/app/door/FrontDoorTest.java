package dev.tocsin.app.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.net.HostAndPort;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** No service's API answers a foreign web page, whatever it calls the service. */
final class FrontDoorTest {
  private static final int PASSED = 404;
  private static final int FOREIGN = 403;
  private static final int MALFORMED = 400;

  private static Doors doors;

  @BeforeAll
  static void start() {
    doors = new Doors();
  }

  @AfterAll
  static void stop() throws Exception {
    doors.close();
  }

  private interface Check {
    void run(int port) throws Exception;
  }

  private static Stream<DynamicTest> everywhere(Check check) {
    return doors.ports().entrySet().stream()
        .map(door -> DynamicTest.dynamicTest(door.getKey(), () -> check.run(door.getValue())));
  }

  private static int get(int port, String... headers) throws IOException {
    return send(port, "GET /nowhere HTTP/1.1", headers);
  }

  private static int send(int port, String line, String... headers) throws IOException {
    String[] all = Stream.concat(Stream.of(line), Stream.of(headers)).toArray(String[]::new);
    return new RawHttp(port).status(all);
  }

  @TestFactory
  Stream<DynamicTest> host_passes_whenItIsAnAddressOrALoopbackNameOrConfigured() {
    return everywhere(
        port -> {
          for (String host :
              List.of(
                  "127.0.0.1:" + port,
                  "127.0.0.1",
                  "127.0.0.1.",
                  "10.1.2.3:80",
                  "localhost",
                  "localhost:" + port,
                  "LocalHost.:" + port,
                  "demo.localhost",
                  "[::1]:" + port,
                  "[::1]",
                  "[2001:db8::7]",
                  "[::ffff:127.0.0.1]:80",
                  "tocsin.example",
                  "TOCSIN.Example.:8443",
                  "a.b.wild.example",
                  "port.example:8443")) {
            assertThat(get(port, "Host: " + host)).as(host).isEqualTo(PASSED);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> host_isRefused_whenItIsAnyOtherName() {
    return everywhere(
        port -> {
          for (String host :
              List.of(
                  "evil.example",
                  "evil.example:" + port,
                  "evil.example.",
                  "localhost.evil.example",
                  "notlocalhost",
                  "127.0.0.1.nip.io",
                  "nottocsin.example",
                  "tocsin.example.evil",
                  "wild.example",
                  "notwild.example",
                  "port.example",
                  "port.example:8444",
                  "xn--lcalhost-54a")) {
            assertThat(get(port, "Host: " + host)).as(host).isEqualTo(FOREIGN);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> host_isMalformed_whenItIsNoHostOrNotOne() {
    return everywhere(
        port -> {
          assertThat(get(port)).as("none").isEqualTo(MALFORMED);
          assertThat(send(port, "GET /nowhere HTTP/1.0")).as("none in 1.0").isEqualTo(MALFORMED);
          assertThat(send(port, "GET /nowhere HTTP/1.0", "Host: localhost"))
              .as("1.0")
              .isEqualTo(PASSED);
          assertThat(get(port, "Host: localhost", "Host: localhost"))
              .as("two")
              .isEqualTo(MALFORMED);
          assertThat(get(port, "Host: localhost", "host: evil.example"))
              .as("two that differ")
              .isEqualTo(MALFORMED);
          for (String host :
              List.of(
                  "",
                  "local host",
                  "localhost@evil.example",
                  "evil.example@localhost",
                  "localhost/evil",
                  "localhost, evil.example",
                  "[::1",
                  "[::1].evil.example",
                  "[evil]",
                  "::1",
                  "localhost..",
                  ".localhost",
                  "localhost:99999",
                  "localhost:http",
                  "l\u00f6calhost")) {
            assertThat(get(port, "Host: " + host)).as(host).isEqualTo(MALFORMED);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> target_countsLikeTheHost_inTheAbsoluteForm() {
    return everywhere(
        port -> {
          assertThat(send(port, "GET http://localhost/nowhere HTTP/1.1", "Host: localhost"))
              .isEqualTo(PASSED);
          assertThat(send(port, "GET http://evil.example/nowhere HTTP/1.1", "Host: localhost"))
              .isEqualTo(FOREIGN);
          assertThat(send(port, "GET HTTP://EVIL.example HTTP/1.1", "Host: localhost"))
              .isEqualTo(FOREIGN);
          assertThat(send(port, "GET http://localhost/nowhere HTTP/1.1", "Host: evil.example"))
              .isEqualTo(FOREIGN);
          assertThat(send(port, "GET http://a@localhost/nowhere HTTP/1.1", "Host: localhost"))
              .isEqualTo(MALFORMED);
        });
  }

  @TestFactory
  Stream<DynamicTest> forwardedNames_countForNothing() {
    return everywhere(
        port -> {
          for (String header : List.of("X-Forwarded-Host: ", "X-Host: ", "Forwarded: host=")) {
            assertThat(get(port, "Host: localhost", header + "evil.example")).isEqualTo(PASSED);
            assertThat(get(port, "Host: evil.example", header + "localhost")).isEqualTo(FOREIGN);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> origin_mustBeTheAddressCalled_orConfigured() {
    return everywhere(
        port -> {
          String host = "Host: 127.0.0.1:" + port;
          for (String line :
              List.of(
                  "GET /nowhere HTTP/1.1",
                  "POST /api/v1/incidents/1/resolve HTTP/1.1",
                  "DELETE /nowhere HTTP/1.1",
                  "OPTIONS /nowhere HTTP/1.1")) {
            for (String origin :
                List.of(
                    "null",
                    "",
                    "https://evil.example",
                    "http://127.0.0.1:1",
                    "http://localhost:" + port,
                    "http://127.0.0.1",
                    "http://tocsin.example:9999",
                    "http://port.example",
                    "chrome-extension://abc",
                    "http://127.0.0.1:" + port + "@evil.example",
                    "file://")) {
              assertThat(send(port, line, host, "Origin: " + origin, "Content-Length: 0"))
                  .as("%s from %s", line, origin)
                  .isEqualTo(FOREIGN);
            }
            assertThat(
                    send(
                        port,
                        line,
                        host,
                        "Origin: http://127.0.0.1:" + port,
                        "Origin: http://127.0.0.1:" + port,
                        "Content-Length: 0"))
                .isEqualTo(FOREIGN);
          }
          for (String origin :
              List.of(
                  "http://127.0.0.1:" + port,
                  "HTTP://127.0.0.1:" + port,
                  "https://tocsin.example",
                  "http://a.wild.example",
                  "https://port.example:8443")) {
            assertThat(send(port, "POST /nowhere HTTP/1.1", host, "Origin: " + origin))
                .as(origin)
                .isNotEqualTo(FOREIGN);
          }
          // Behind a proxy that speaks TLS and passes the Host on.
          assertThat(get(port, "Host: localhost", "Origin: https://localhost")).isEqualTo(PASSED);
        });
  }

  @TestFactory
  Stream<DynamicTest> webSocket_isNotOpened_forAForeignPage() {
    return everywhere(
        port -> {
          for (String[] names :
              new String[][] {
                {"Host: 127.0.0.1:" + port, "Origin: https://evil.example"},
                {"Host: 127.0.0.1:" + port, "Origin: null"},
                {"Host: evil.example:" + port, "Origin: http://evil.example:" + port},
              }) {
            int status =
                send(
                    port,
                    "GET /api/v1/logs/tail HTTP/1.1",
                    names[0],
                    names[1],
                    "Connection: Upgrade",
                    "Upgrade: websocket",
                    "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
            assertThat(status).as("%s %s", (Object[]) names).isEqualTo(FOREIGN);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> http2_isHeldToItsAuthority() {
    return everywhere(
        port -> {
          for (boolean upgrade : List.of(true, false)) {
            HttpClient client =
                doors.vertx.createHttpClient(
                    new HttpClientOptions()
                        .setProtocolVersion(HttpVersion.HTTP_2)
                        .setHttp2ClearTextUpgrade(upgrade));
            assertThat(http2(client, port, "localhost", Map.of())).isEqualTo(PASSED);
            assertThat(http2(client, port, "evil.example", Map.of())).isEqualTo(FOREIGN);
            assertThat(http2(client, port, "localhost", Map.of("origin", "https://evil.example")))
                .isEqualTo(FOREIGN);
            client.close();
          }
          HttpClient client =
              doors.vertx.createHttpClient(
                  new HttpClientOptions()
                      .setProtocolVersion(HttpVersion.HTTP_2)
                      .setHttp2ClearTextUpgrade(false));
          // Two names that differ: the stream is reset before anybody looks at them.
          for (String authority : List.of("localhost", "evil.example")) {
            String other = authority.equals("localhost") ? "evil.example" : "localhost";
            assertThatThrownBy(() -> http2(client, port, authority, Map.of("host", other)))
                .hasCauseInstanceOf(StreamResetException.class);
          }
          client.close();
        });
  }

  private static int http2(
      HttpClient client, int port, String authority, Map<String, String> headers) throws Exception {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setHost("127.0.0.1")
            .setPort(port)
            .setURI("/nowhere");
    Future<Integer> status =
        client
            .request(options)
            .compose(
                request -> {
                  request.authority(HostAndPort.create(authority, port));
                  headers.forEach(request::putHeader);
                  return request.send();
                })
            .map(
                answer -> {
                  assertThat(answer.version()).isEqualTo(HttpVersion.HTTP_2);
                  return answer.statusCode();
                });
    return status.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @TestFactory
  Stream<DynamicTest> healthAndMetrics_answerUnderAnyName() {
    return everywhere(
        port -> {
          for (String path : List.of("/live", "/metrics")) {
            assertThat(
                    send(
                        port,
                        "GET " + path + " HTTP/1.1",
                        "Host: evil.example",
                        "Origin: https://evil.example"))
                .as(path)
                .isEqualTo(200);
            assertThat(send(port, "GET " + path + " HTTP/1.0")).as(path).isEqualTo(200);
          }
          for (String path : List.of("/health", "/ready")) {
            assertThat(send(port, "GET " + path + " HTTP/1.1", "Host: evil.example"))
                .as(path)
                .isIn(200, 503);
          }
        });
  }
}
