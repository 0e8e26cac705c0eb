package dev.tocsin.common.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ComponentGroup;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.common.telemetry.ProcessMetrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
            router.get("/broken").handler(c -> c.fail(new IllegalStateException("secret detail")));
          });

  private static final class Dependency implements Component {
    Health health = Health.healthy();

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
      return Future.succeededFuture(health);
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
    assertThat(body("/health").getString("status")).isEqualTo("Healthy");

    dependency.health = Health.degraded("Kafka: away");
    assertThat(get("/ready").statusCode()).isEqualTo(503);
    assertThat(get("/health").statusCode()).isEqualTo(200);
    assertThat(body("/health").getJsonArray("issues")).containsExactly("Kafka: away");

    dependency.health = Health.unhealthy("broken");
    assertThat(get("/health").statusCode()).isEqualTo(503);
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
