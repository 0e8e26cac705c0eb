package dev.tocsin.console.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.config.Settings;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.console.proxy.Upstream;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The console over real HTTP, with an HTTP server of the test in the place of the services. */
final class ConsoleServiceTest {
  private static final HttpServerOptions LONG_LINES =
      new HttpServerOptions().setMaxInitialLineLength(100_000);

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client = vertx.createHttpClient();
  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  private HttpServer services;
  private ConsoleService console;

  private record Answer(int status, Map<String, String> headers, Buffer body) {
    JsonObject json() {
      return new JsonObject(body);
    }
  }

  @BeforeEach
  void start() throws Exception {
    services =
        await(
            vertx.createHttpServer(LONG_LINES).requestHandler(this::serve).listen(0, "127.0.0.1"));
    Map<String, String> overrides = new HashMap<>();
    overrides.put("console.port", "0");
    overrides.put("console.ask_timeout", "2s");
    for (Upstream upstream : Upstream.values()) {
      overrides.put("console." + upstream.key(), "http://127.0.0.1:" + services.actualPort());
    }
    // Nobody listens on port 1.
    overrides.put("console.alert_url", "http://127.0.0.1:1");
    console =
        ConsoleService.create(
            ConsoleConfig.from(Settings.of(overrides)),
            ServiceContext.create(vertx, "console", InstantSource.system()));
    await(console.start());
  }

  @AfterEach
  void stop() throws Exception {
    await(console.stop().eventually(vertx::close));
  }

  private void serve(HttpServerRequest request) {
    request
        .body()
        .onSuccess(
            body -> {
              asked.add(request.method() + " " + request.uri() + " " + body);
              String answer =
                  switch (request.path()) {
                    case "/health" -> "{\"status\":\"Healthy\",\"issues\":[]}";
                    case "/api/v1/incidents" -> "{\"incidents\":[{\"id\":7}]}";
                    case "/api/v1/traces" -> "<html>not JSON";
                    case "/api/v1/incidents/7/acknowledge" -> "{\"status\":\"acknowledged\"}";
                    default -> "{}";
                  };
              request
                  .response()
                  .putHeader("content-type", "application/json")
                  .putHeader("set-cookie", "upstream=secret")
                  .setStatusCode(request.path().endsWith("/404") ? 404 : 200)
                  .end(answer);
            });
  }

  @Test
  void page_loadsNothingFromElsewhere() throws Exception {
    Answer page = send(HttpMethod.GET, "/", Map.of(), "");
    assertThat(page.status).isEqualTo(200);
    assertThat(page.headers.get("content-type")).isEqualTo("text/html; charset=utf-8");
    assertThat(page.headers.get("content-security-policy")).startsWith("default-src 'self';");
    assertThat(page.body.toString())
        .doesNotContain("http:", "https:", "//cdn", "<style", "onclick", "style=");
    for (String file : List.of("/console.css", "/console.js", "/bell.svg")) {
      assertThat(page.body.toString()).contains(file);
      assertThat(send(HttpMethod.GET, file, Map.of(), "").status).isEqualTo(200);
    }
  }

  @Test
  void status_tellsOfEachPart_alsoOfThoseThatFail() throws Exception {
    JsonObject status = send(HttpMethod.GET, "/api/status", Map.of(), "").json();
    assertThat(status.getJsonArray("services").stream().map(s -> ((JsonObject) s)))
        .extracting(s -> s.getString("name") + " " + s.getString("status"))
        .containsExactly(
            "ingest-service Healthy",
            "storage-service Healthy",
            "alert-service Unreachable",
            "incident-service Healthy");
    assertThat(status.getJsonObject("incidents").getJsonObject("data"))
        .isEqualTo(new JsonObject("{\"incidents\":[{\"id\":7}]}"));
    assertThat(status.getJsonObject("traces").getString("problem"))
        .isEqualTo("storage-service answered something that is no JSON");
    assertThat(status.getJsonObject("alerts").getString("problem"))
        .startsWith("alert-service does not answer");
    assertThat(status.getJsonObject("otlp").getString("grpc")).isEqualTo("http://127.0.0.1:4317");
  }

  @Test
  void proxy_passesReadsOn_withoutCookies() throws Exception {
    Answer answer =
        send(
            HttpMethod.GET,
            "/api/v1/incidents?limit=3&status=triggered",
            Map.of("cookie", "session=secret"),
            "");
    assertThat(answer.json()).isEqualTo(new JsonObject("{\"incidents\":[{\"id\":7}]}"));
    assertThat(answer.headers).doesNotContainKey("set-cookie");
    assertThat(asked).containsExactly("GET /api/v1/incidents?limit=3&status=triggered ");
  }

  @Test
  void proxy_keepsTheStatusOfTheService() throws Exception {
    assertThat(send(HttpMethod.GET, "/api/v1/traces/404", Map.of(), "").status).isEqualTo(404);
  }

  @Test
  void proxy_passesAnAcknowledgementOn_fromOurOwnPage() throws Exception {
    Answer answer =
        send(
            HttpMethod.POST,
            "/api/v1/incidents/7/acknowledge",
            Map.of(
                "origin", "http://127.0.0.1:" + console.port(), "content-type", "application/json"),
            "{\"by\":\"ada\"}");
    assertThat(answer.status).isEqualTo(200);
    assertThat(asked).containsExactly("POST /api/v1/incidents/7/acknowledge {\"by\":\"ada\"}");
  }

  @Test
  void proxy_refusesAnAcknowledgement_fromAForeignPage() throws Exception {
    for (String origin : List.of("https://evil.example", "http://127.0.0.1:1", "null")) {
      Answer answer =
          send(HttpMethod.POST, "/api/v1/incidents/7/acknowledge", Map.of("origin", origin), "{}");
      assertThat(answer.status).isEqualTo(403);
      assertThat(answer.json().getString("detail")).contains("Origin " + origin);
    }
    assertThat(asked).isEmpty();
  }

  @Test
  void console_refusesAHostThatIsNotItsOwn() throws Exception {
    Answer answer = send(HttpMethod.GET, "/api/status", Map.of("host", "evil.example"), "");
    assertThat(answer.status).isEqualTo(403);
    assertThat(answer.json().getString("detail"))
        .isEqualTo("Host evil.example (expected: one of console.allowed_hosts)");
  }

  @Test
  void proxy_saysWhichServiceIsAway() throws Exception {
    Answer answer = send(HttpMethod.GET, "/api/v1/alerts", Map.of(), "");
    assertThat(answer.status).isEqualTo(502);
    assertThat(answer.json().getString("detail")).startsWith("alert-service does not answer");
  }

  @Test
  void proxy_passesQueriesOn_asGrafanaSendsThem_byPostAndByLongUrls() throws Exception {
    Answer posted =
        send(
            HttpMethod.POST,
            "/prometheus/api/v1/query_range",
            Map.of("content-type", "application/x-www-form-urlencoded"),
            "query=up%7Bjob%3D%22a%22%7D&start=1&end=2&step=1");
    assertThat(posted.status).isEqualTo(200);
    assertThat(asked)
        .containsExactly(
            "POST /prometheus/api/v1/query_range"
                + " query=up%7Bjob%3D%22a%22%7D&start=1&end=2&step=1");
    String longUri = "/prometheus/api/v1/query?query=" + "a".repeat(60_000);
    assertThat(send(HttpMethod.GET, longUri, Map.of(), "").status).isEqualTo(200);
    assertThat(asked).hasSize(2).last().asString().contains("a".repeat(60_000));
  }

  @Test
  void proxy_saysWhichMethodsThereAre_andAnswersHead() throws Exception {
    Answer deleted = send(HttpMethod.DELETE, "/api/v1/incidents/7", Map.of(), "");
    assertThat(deleted.status).isEqualTo(405);
    assertThat(deleted.headers).containsEntry("allow", "GET, HEAD, OPTIONS");
    Answer options = send(HttpMethod.OPTIONS, "/prometheus/api/v1/query", Map.of(), "");
    assertThat(options.status).isEqualTo(204);
    assertThat(options.headers).containsEntry("allow", "GET, HEAD, OPTIONS, POST");
    assertThat(send(HttpMethod.HEAD, "/api/v1/incidents", Map.of(), "").status).isEqualTo(200);
    assertThat(send(HttpMethod.OPTIONS, "/api/v1/unknown", Map.of(), "").status).isEqualTo(404);
  }

  @Test
  void proxy_offersNothingElse() throws Exception {
    assertThat(send(HttpMethod.GET, "/api/v1/secrets", Map.of(), "").status).isEqualTo(404);
    assertThat(send(HttpMethod.POST, "/api/v1/secrets", Map.of(), "").status).isEqualTo(404);
    assertThat(asked).isEmpty();
  }

  private Answer send(HttpMethod method, String uri, Map<String, String> headers, String body)
      throws Exception {
    RequestOptions options =
        new RequestOptions()
            .setMethod(method)
            .setHost("127.0.0.1")
            .setPort(console.port())
            .setURI(uri);
    headers.forEach(options::putHeader);
    // The answer is read inside the first step, on the client's event loop: nothing is missed.
    return await(
        client
            .request(options)
            .compose(
                request ->
                    (body.isEmpty() ? request.send() : request.send(body))
                        .compose(ConsoleServiceTest::read)));
  }

  private static Future<Answer> read(HttpClientResponse response) {
    Map<String, String> headers = new HashMap<>();
    response.headers().forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
    return response.body().map(bytes -> new Answer(response.statusCode(), headers, bytes));
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }
}
