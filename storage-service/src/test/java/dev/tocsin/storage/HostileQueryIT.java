package dev.tocsin.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.storage.service.StorageService;
import dev.tocsin.testkit.Backends;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Queries made to hurt end in a 4xx or 503 within their limits, and give back what they held. The
 * limits are small here, so that small data pass them.
 */
final class HostileQueryIT {
  private static final String PROMETHEUS = "/prometheus/api/v1/";
  private static final int SERIES_MAX = 200;

  private static StorageRig rig;
  private static StorageService service;

  @BeforeAll
  static void store() throws Exception {
    rig =
        new StorageRig("hostile", Backends.freshDatabase("hostile"), 1)
            .with("storage.query_timeout", "3s")
            .with("storage.query_memory_max", "2MiB")
            .with("storage.query_series_max", Integer.toString(SERIES_MAX))
            .with("storage.query_samples_max", "20000")
            .with("storage.query_queue_max", "8");
    service = rig.start();
    long now = Otlp.nowNanos();
    rig.send(
        rig.topics.logs(),
        0,
        Otlp.logs("hostile", List.of(Otlp.log("a".repeat(50_000), now).build())));
    rig.send(
        rig.topics.spans(),
        0,
        Otlp.spans("hostile", List.of(Otlp.span(Otlp.id(16), "x".repeat(200), now).build())));
    rig.send(rig.topics.metrics(), 0, bomb("bomb", now, SERIES_MAX + 50));
    for (int i = 0; i < 300; i++) {
      rig.send(rig.topics.metrics(), 0, bomb("many", now - i * 1_000_000_000L, 100));
    }
    rig.awaitItems("log_seg", 1);
    rig.awaitItems("span_seg", 1);
    rig.awaitItems("metric_block", SERIES_MAX + 50 + 300 * 100);
  }

  private static ExportMetricsServiceRequest bomb(String name, long nanos, int series) {
    Gauge.Builder gauge = Gauge.newBuilder();
    for (int i = 0; i < series; i++) {
      gauge.addDataPoints(
          NumberDataPoint.newBuilder()
              .setTimeUnixNano(nanos)
              .setAsDouble(i)
              .addAttributes(Otlp.text("id", "i" + i)));
    }
    return ExportMetricsServiceRequest.newBuilder()
        .addResourceMetrics(
            ResourceMetrics.newBuilder()
                .addScopeMetrics(
                    ScopeMetrics.newBuilder()
                        .addMetrics(Metric.newBuilder().setName(name).setGauge(gauge))))
        .build();
  }

  @AfterAll
  static void stop() throws Exception {
    rig.close();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static HttpResponse<String> promql(String query) {
    return rig.post(service, PROMETHEUS + "query", "query=" + encoded(query));
  }

  private static void assertRefused(HttpResponse<String> response, int status, String... texts) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.body()).contains(texts);
  }

  /** Whatever a test did, nothing is held afterwards and a plain query works. */
  private static void assertWell() {
    await()
        .atMost(StorageRig.PATIENCE)
        .untilAsserted(
            () ->
                assertThat(rig.get(service, "/metrics").body())
                    .contains("tocsin_storage_query_memory_bytes{service=\"storage-service\"} 0.0")
                    .contains("tocsin_storage_queries_running{service=\"storage-service\"} 0.0"));
    assertThat(promql("1 + 1").statusCode()).isEqualTo(200);
  }

  @Test
  void nestingAndLength_areRefusedByTheParser() {
    assertRefused(promql("(".repeat(20_000) + "1" + ")".repeat(20_000)), 400, "bad_data");
    assertRefused(promql("-".repeat(50_000) + "1"), 400, "bad_data");
    assertRefused(promql("abs(".repeat(5_000) + "jobs" + ")".repeat(5_000)), 400, "bad_data");
    // A chain of operators is no nesting, however long.
    assertThat(promql("1" + " + 1".repeat(30_000)).body()).contains("\"30001\"");
    assertRefused(promql("sum(".repeat(90) + "\u0000" + ")".repeat(90)), 400, "bad_data");
    assertWell();
  }

  @Test
  void rangesAndSteps_areBounded() {
    String range = PROMETHEUS + "query_range?query=many&";
    assertRefused(rig.get(service, range + "start=0&end=4000000000&step=1"), 400, "11,000 points");
    assertRefused(rig.get(service, range + "start=0&end=1e300&step=1"), 400, "valid timestamp");
    assertRefused(rig.get(service, range + "start=0&end=1&step=1e-300"), 400, "step");
    assertRefused(
        rig.get(service, range + "start=0&end=1&step=99999999999999999999y"),
        400,
        "valid duration");
    assertRefused(promql("max_over_time(rate(many[5m])[100y:1ms])"), 422, "execution");
    assertRefused(rig.get(service, "/api/v1/logs?start=0&end=4000000000"), 400, "before end");
    assertRefused(
        rig.get(service, "/api/v1/traces?min_duration=99999999999999d"), 400, "min_duration");
    assertRefused(rig.get(service, "/api/v1/logs/histogram?step=1ms"), 400, "at most 2000");
    assertWell();
  }

  @Test
  void seriesSamplesAndMemory_areBounded() {
    assertRefused(promql("bomb"), 422, "a selector matches more than " + SERIES_MAX);
    assertRefused(promql("count({__name__=~'.+'})"), 422, "a selector matches more than");
    assertRefused(promql("sum_over_time(many[1h])"), 422, "too many samples");
    assertRefused(
        promql("many{id=~'i1.?'} * on () group_left () many{id=~'i1.?'}"), 422, "many-to-many");
    assertRefused(
        rig.get(service, PROMETHEUS + "series?" + encoded("match[]") + "=bomb"), 422, "execution");
    HttpResponse<String> names = rig.get(service, PROMETHEUS + "label/id/values?limit=1000000000");
    assertThat(names.statusCode()).isEqualTo(400);
    assertWell();
  }

  @Test
  void regularExpressions_takeLinearTimeOrAreRefused() {
    for (String evil : List.of("(a*)*b", "(a|a)*b", "(a|aa)+$b", "(.*)(.*)(.*)(.*)[^a]x")) {
      HttpResponse<String> found = rig.get(service, "/api/v1/logs?regex=" + encoded(evil));
      assertThat(found.statusCode()).as(found.body()).isEqualTo(200);
      assertThat(found.body()).isEqualTo("{\"logs\":[]}");
    }
    for (String large :
        List.of("((a{1,100}){1,100}){1,100}", "(x+x+)+".repeat(150), "(", "a{2000}")) {
      String filter = encoded("user.id=~" + large);
      assertRefused(rig.get(service, "/api/v1/logs?regex=" + encoded(large)), 400, "regex: ");
      assertRefused(rig.get(service, "/api/v1/traces?attribute=" + filter), 400, "attribute: ");
    }
    assertRefused(promql("many{id=~\"((a{1,100}){1,100}){1,100}\"}"), 400, "bad_data");
    assertThat(promql("many{id=~\"(a*)*b\"}").statusCode()).isEqualTo(200);
    assertWell();
  }

  @Test
  void limitsCursorsAndUrls_areChecked() {
    assertRefused(rig.get(service, "/api/v1/logs?limit=2147483648"), 400, "expected: 1-1000");
    assertRefused(rig.get(service, "/api/v1/traces?limit=-1"), 400, "expected: 1-1000");
    assertRefused(rig.get(service, PROMETHEUS + "query?query=1&limit=-1"), 400, "limit");
    for (String broken :
        List.of(
            "x",
            "%00",
            encoded("{}"),
            cursor("t99999999999999999999.00"),
            cursor("t1.zz"),
            cursor("l-1.1"),
            cursor("l1." + "9".repeat(10)),
            "A".repeat(2_000))) {
      assertRefused(rig.get(service, "/api/v1/traces?cursor=" + broken), 400, "cursor: ");
      assertRefused(rig.get(service, "/api/v1/logs?cursor=" + broken), 400, "cursor: ");
    }
    // Well-formed but made up: an answer like any other.
    assertThat(rig.get(service, "/api/v1/logs?cursor=" + cursor("l9223372036854775807.999999")))
        .extracting(HttpResponse::statusCode)
        .isEqualTo(200);
    assertThat(rig.get(service, "/api/v1/traces?cursor=" + cursor("t9223372036854775807.")))
        .extracting(HttpResponse::statusCode)
        .isEqualTo(200);
    assertThat(rig.get(service, "/api/v1/logs?q=" + "a".repeat(100_000)).statusCode())
        .isEqualTo(414);
    String many = "attribute=a%3Db&".repeat(100);
    assertRefused(rig.get(service, "/api/v1/traces?" + many), 400, "at most 20 conditions");
    // No UTF-8: some name like any other, or refused.
    assertThat(rig.get(service, "/api/v1/services/%C3%28/red").statusCode()).isLessThan(500);
    assertWell();
  }

  private static String cursor(String plain) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(plain.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void slowQueries_endInTime_andTooManyAreTurnedAway() throws Exception {
    try (Connection connection = Backends.connect(rig.postgres);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("lock table telemetry.span_seg in access exclusive mode");
      List<CompletableFuture<HttpResponse<String>>> asked = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        asked.add(rig.getAsync(service, "/api/v1/traces?service=hostile"));
      }
      List<Integer> statuses = new ArrayList<>();
      for (CompletableFuture<HttpResponse<String>> answer : asked) {
        statuses.add(answer.get(60, TimeUnit.SECONDS).statusCode());
      }
      assertThat(statuses).containsOnly(503, 504).contains(503, 504);
      // The lock is still held: the statements were cancelled in the database.
      await()
          .atMost(StorageRig.PATIENCE)
          .until(
              () ->
                  rig.number(
                          "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                              + " and datname = current_database()"
                              + " and query like '%from span_seg%'")
                      == 0);
      connection.rollback();
    }
    assertThat(rig.get(service, "/api/v1/traces?service=hostile").statusCode()).isEqualTo(200);
    assertWell();
  }
}
