package dev.tocsin.common.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ComponentGroup;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.common.telemetry.ProcessMetrics;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ServiceHttpTest {
  private final Vertx vertx = Vertx.vertx();
  private final Dependency dependency = new Dependency();
  private final ComponentGroup checked = new ComponentGroup("checked", List.of(dependency));
  private final ServiceHttp http =
      new ServiceHttp(
          new ServiceContext(vertx, ProcessMetrics.registry("test"), InstantSource.system()),
          new Listen("127.0.0.1", 0),
          () -> checked,
          router -> {
            router
                .get("/refused")
                .handler(c -> c.fail(new ProblemException(Problem.conflict("no"))));
            router
                .get("/away")
                .handler(c -> c.fail(new ProblemException(Problem.unavailable("starting"))));
            router.get("/broken").handler(c -> c.fail(new IllegalStateException("secret detail")));
            router.route("/echo").handler(c -> c.end("" + c.request().formAttributes().size()));
            router.get("/params").handler(c -> c.end("" + c.request().params().size()));
          });

  private static final class Dependency implements Component {
    Health health = Health.healthy();
    Supplier<Future<Health>> checking = () -> Future.succeededFuture(health);

    @Override
    public String name() {
      return "dependency";
    }

    @Override
    public Future<Void> start() {
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> stop() {
      return Future.succeededFuture();
    }

    @Override
    public Future<Health> check() {
      return checking.get();
    }

    @Override
    public boolean ready() {
      return health instanceof Health.Healthy;
    }
  }

  @BeforeEach
  void start() throws Exception {
    await(http.start());
  }

  @AfterEach
  void stop() throws Exception {
    await(http.stop());
    await(vertx.close());
  }

  @Test
  void health_isAnsweredWhileStarting_andNamesTheDependencyThatIsAway() throws Exception {
    assertThat(get("/ready").statusCode()).isEqualTo(503);
    await(checked.start());
    assertThat(get("/ready").statusCode()).isEqualTo(200);
    assertThat(untilHealth()).extracting(HttpResponse::statusCode).isEqualTo(200);
    assertThat(body("/health").getString("status")).isEqualTo("Healthy");

    dependency.health = Health.degraded("Kafka: away");
    assertThat(get("/ready").statusCode()).isEqualTo(503);
    assertThat(untilHealth("Kafka: away").statusCode()).isEqualTo(200);

    dependency.health = Health.unhealthy("broken");
    assertThat(untilHealth("broken").statusCode()).isEqualTo(503);
    assertThat(
            body("/health")
                .getJsonObject("components")
                .getJsonObject("dependency")
                .getString("status"))
        .isEqualTo("Unhealthy");
  }

  @Test
  void metrics_haveTheNamesOperatorsKnow() throws Exception {
    assertThat(get("/nowhere").statusCode()).isEqualTo(404);
    assertThat(get("/metrics").body())
        .contains(
            "otlp_requests_total{", "otlp_latency_seconds_bucket{", "otlp_active_connections{")
        .contains("otlp_memory_usage_bytes{", "otlp_cpu_usage_percent{");
  }

  @Test
  void errors_areProblems_andHideTheCauseOfOurOwn() throws Exception {
    assertThat(get("/refused").statusCode()).isEqualTo(409);
    assertThat(body("/refused").getString("detail")).isEqualTo("no");
    HttpResponse<String> broken = get("/broken");
    assertThat(broken.statusCode()).isEqualTo(500);
    assertThat(broken.body()).doesNotContain("secret detail");
    assertThat(broken.headers().firstValue("content-type")).contains("application/problem+json");
  }

  @Test
  void notes_areTold_withoutBeingIssues() throws Exception {
    await(checked.start());
    dependency.health = Health.noted("3 spans rejected");
    JsonObject health = body("/health");
    assertThat(health.getString("status")).isEqualTo("Healthy");
    assertThat(health.getJsonArray("issues")).isEmpty();
    assertThat(health.getJsonArray("notes")).containsExactly("3 spans rejected");
    assertThat(get("/ready").statusCode()).isEqualTo(200);
    assertThat(Health.noted("a").and(Health.noted("b")).notes()).containsExactly("a", "b");
    assertThat(Health.noted("a").and(Health.degraded("ill")).state()).isEqualTo("Degraded");
  }

  @Test
  void exporters_areToldWhereOtlpIsReceived_whateverNameTheyUse() throws Exception {
    for (String path : new String[] {"/v1/traces", "/v1/logs/", "//v1/metrics"}) {
      HttpResponse<String> answer =
          send(
              request(path)
                  .header("content-type", "application/x-protobuf")
                  .POST(BodyPublishers.ofString("any")));
      assertThat(answer.statusCode()).as(path).isEqualTo(404);
      assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
      assertThat(new JsonObject(answer.body()).getString("detail"))
          .isEqualTo(
              "this port of checked takes no OTLP (expected: port 4317 for gRPC or 4318 for HTTP,"
                  + " of ingest-service)");
    }
    assertThat(RawRequest.status(http.port(), "POST /v1/traces HTTP/1.1", "Host: evil.example"))
        .isEqualTo(404);
    HttpResponse<String> rpc =
        send(
            request("/opentelemetry.proto.collector.trace.v1.TraceService/Export")
                .header("content-type", "application/grpc+proto")
                .POST(BodyPublishers.ofString("any")));
    assertThat(rpc.headers().firstValue("grpc-status")).contains("12");
    assertThat(rpc.headers().firstValue("grpc-message").orElse(""))
        .contains("takes%20no%20OTLP")
        .contains("4317");
    assertThat(get("/v1/traces").statusCode()).isEqualTo(404);
  }

  @Test
  void live_asksNothing() throws Exception {
    dependency.health = Health.unhealthy("broken");
    assertThat(get("/live").statusCode()).isEqualTo(200);
    assertThat(get("/live").body()).isEqualTo("{\"live\":true}");
  }

  @Test
  void check_thatThrowsOrHangsOrGivesNothing_isNamed() throws Exception {
    await(checked.start());
    Map<Supplier<Future<Health>>, String> checks = new LinkedHashMap<>();
    checks.put(
        () -> {
          throw new IllegalStateException("no pool");
        },
        "dependency: no pool");
    checks.put(
        () -> {
          throw new StackOverflowError();
        },
        "dependency: java.lang.StackOverflowError");
    checks.put(() -> Future.failedFuture("gone"), "dependency: gone");
    checks.put(() -> Promise.<Health>promise().future(), "dependency: no answer in 2500 ms");
    CountDownLatch never = new CountDownLatch(1);
    checks.put(
        () -> {
          try {
            never.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return Future.succeededFuture(Health.healthy());
        },
        "dependency: no answer in 2500 ms");
    for (Map.Entry<Supplier<Future<Health>>, String> check : checks.entrySet()) {
      dependency.checking = check.getKey();
      assertThat(untilHealth(check.getValue()).statusCode()).isEqualTo(503);
      assertThat(get("/live").statusCode()).isEqualTo(200);
    }
    never.countDown();
  }

  @Test
  void health_isAnsweredAtOnce_fromWhatIsKnown_whileACheckHangs() throws Exception {
    await(checked.start());
    dependency.health = Health.degraded("Postgres: migrating");
    assertThat(untilHealth("Postgres: migrating").statusCode()).isEqualTo(200);
    dependency.checking = () -> Promise.<Health>promise().future();
    long begun = System.nanoTime();
    List<?> issues = new JsonObject(get("/health").body()).getJsonArray("issues").getList();
    // A request alone may take long on a busy machine, but not as long as a check waits.
    assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.MILLISECONDS.toNanos(1_500));
    assertThat(issues).hasSize(1);
    assertThat(untilHealth("dependency: no answer in 2500 ms").statusCode()).isEqualTo(503);
  }

  @Test
  void health_ofWhatHasNeverAnswered_saysSo_atOnce() throws Exception {
    dependency.checking = () -> Promise.<Health>promise().future();
    long begun = System.nanoTime();
    assertThat(body("/health").getJsonArray("issues"))
        .containsExactly("dependency: has not answered yet how it is");
    assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.MILLISECONDS.toNanos(1_500));
  }

  /** Asks until the issues are these; a check that hangs is named when its time is over. */
  private HttpResponse<String> untilHealth(Object... issues) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (true) {
      HttpResponse<String> health = get("/health");
      List<?> told = new JsonObject(health.body()).getJsonArray("issues").getList();
      if (told.equals(List.of(issues))) {
        return health;
      }
      assertThat(System.nanoTime()).as("%s, not %s", told, List.of(issues)).isLessThan(end);
    }
  }

  @Test
  void request_isRefusedWithAReason_whenAnyPartIsTooLong() throws Exception {
    String a = "a".repeat(20_000);
    assertThat(get("/echo?q=" + "a".repeat(65_000)).statusCode()).isEqualTo(200);
    String longer = "a".repeat(70_000);
    assertThat(get("/echo?q=" + longer).statusCode()).isEqualTo(414);
    assertThat(get("/echo?q=" + longer).body()).contains("expected: at most 65536 bytes");
    HttpRequest.Builder header = request("/echo").header("x-long", a);
    assertThat(send(header).statusCode()).isEqualTo(431);
    assertThat(send(header).body()).contains("expected: at most 16384 bytes");
    HttpRequest.Builder body = request("/echo").POST(BodyPublishers.ofString("b".repeat(2 << 20)));
    assertThat(send(body).statusCode()).isEqualTo(413);
    assertThat(send(body).body()).contains("expected: at most 1048576 bytes");
  }

  @Test
  void form_mayHoldALongQuery_butNotAnyNumberOfFields() throws Exception {
    assertThat(form("query=" + "a".repeat(900_000)).statusCode()).isEqualTo(200);
    assertThat(form("a=1&".repeat(1_000)).statusCode()).isEqualTo(200);
    HttpResponse<String> many = form("a=1&".repeat(100_000));
    assertThat(many.statusCode()).isBetween(400, 499);
    assertThat(many.headers().firstValue("content-type")).contains("application/problem+json");
  }

  /** Found by schemathesis, which sends the headers of a form with every method. */
  @Test
  void form_whereNoneCanBe_isNoFaultOfOurs() throws Exception {
    for (String type : new String[] {"application/x-www-form-urlencoded", "Multipart/form-data"}) {
      HttpRequest.Builder get = request("/params?a=1").header("content-type", type);
      assertThat(send(get).statusCode()).isEqualTo(200);
      HttpRequest.Builder trace = request("/params").header("content-type", type);
      assertThat(send(trace.method("TRACE", BodyPublishers.noBody())).statusCode()).isEqualTo(405);
    }
  }

  @Test
  void queryString_thatCannotBeDecoded_isTheCallersMistake() throws Exception {
    assertThat(RawRequest.status(http.port(), "GET /params?a=%zz HTTP/1.1", "Host: localhost"))
        .isEqualTo(400);
    assertThat(RawRequest.status(http.port(), "GET /params?a=%4 HTTP/1.1", "Host: localhost"))
        .isEqualTo(400);
    assertThat(RawRequest.status(http.port(), "GET /%zz HTTP/1.1", "Host: localhost"))
        .isBetween(400, 404);
    assertThat(RawRequest.status(http.port(), "no request at all", "Host: localhost"))
        .isEqualTo(400);
  }

  @Test
  void method_thatIsNotOffered_isToldWhichAre() throws Exception {
    HttpResponse<String> deleted = send(request("/params").DELETE());
    assertThat(deleted.statusCode()).isEqualTo(405);
    assertThat(deleted.headers().firstValue("allow")).contains("GET, HEAD, OPTIONS");
    assertThat(deleted.body()).contains("DELETE is not offered here (expected: GET");
    HttpResponse<String> health = send(request("/health").DELETE());
    assertThat(health.headers().firstValue("allow")).contains("GET, HEAD, OPTIONS");
  }

  @Test
  void headAndOptions_areAnswered_whereGetIs() throws Exception {
    HttpRequest.Builder head = request("/params?a=1").method("HEAD", BodyPublishers.noBody());
    assertThat(send(head).statusCode()).isEqualTo(200);
    assertThat(send(head).body()).isEmpty();
    HttpRequest.Builder ofHealth = request("/health").method("HEAD", BodyPublishers.noBody());
    assertThat(send(ofHealth).statusCode()).isEqualTo(200);
    HttpRequest.Builder options = request("/params").method("OPTIONS", BodyPublishers.noBody());
    assertThat(send(options).statusCode()).isEqualTo(204);
    assertThat(send(options).headers().firstValue("allow")).contains("GET, HEAD, OPTIONS");
    HttpRequest.Builder nowhere = request("/nowhere").method("OPTIONS", BodyPublishers.noBody());
    assertThat(send(nowhere).statusCode()).isEqualTo(404);
    HttpRequest.Builder absent = request("/nowhere").method("HEAD", BodyPublishers.noBody());
    assertThat(send(absent).statusCode()).isEqualTo(404);
  }

  @Test
  void unavailable_saysWhenToComeAgain() throws Exception {
    assertThat(get("/away").headers().firstValue("retry-after")).contains("5");
  }

  private HttpResponse<String> form(String body) throws Exception {
    return send(
        request("/echo")
            .header("content-type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(body)));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.port() + path));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .build()
        .send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private JsonObject body(String path) throws Exception {
    return new JsonObject(get(path).body());
  }

  private HttpResponse<String> get(String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + http.port() + path);
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static void await(Future<?> future) throws Exception {
    var unused = future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }
}
