package dev.tocsin.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.storage.service.StorageService;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Parts on two databases, and all parts on a third: an instance that reads the two answers as one
 * that reads the third.
 */
final class FanoutIT {
  private static final int PARTS = 4;
  private static final double ALIKE = 1e-9;

  private static StorageRig rig;
  private static StorageService over;
  private static StorageService whole;
  private static StorageService broken;
  private static String gone;
  private static ScatteredTelemetry telemetry;
  private static String times;
  private static long endMs;

  @BeforeAll
  static void start() throws Exception {
    PostgresServer first = Backends.freshDatabase("fanout-a");
    PostgresServer second = Backends.freshDatabase("fanout-b");
    PostgresServer third = Backends.freshDatabase("fanout-whole");
    rig = new StorageRig("fanout", first, PARTS);
    // Late enough to be one segment a part.
    rig.with("storage.flush_interval", "2s").with("storage.merge", "false");
    rig.with("storage.parts", "2-3").with("postgres.database", second.database()).start();
    rig.with("storage.parts", "0-3").with("postgres.database", third.database());
    whole = rig.start();
    rig.with("storage.parts", "0-1").with("postgres.database", first.database());
    over = rig.with("storage.query_from", address(first) + "," + address(second)).start();
    endMs = Math.floorDiv(System.currentTimeMillis(), 1_000) * 1_000;
    String start = Instant.ofEpochMilli(endMs).minusSeconds(3_000).toString();
    times = "start=" + start + "&end=" + Instant.ofEpochMilli(endMs);
    // What is sent later, for the tail, is after that.
    telemetry = new ScatteredTelemetry(rig, PARTS, endMs * 1_000_000);
    telemetry.send();
    for (PostgresServer database : List.of(first, second)) {
      // Spread over both, or nothing is shown.
      await()
          .atMost(StorageRig.PATIENCE)
          .ignoreExceptions()
          .until(() -> count(database, "span_seg") > 0 && count(database, "metric_block") > 0);
    }
    awaitSum("span_seg", telemetry.spans(), third, first, second);
    awaitSum(
        "log_seg", ScatteredTelemetry.LOGS + ScatteredTelemetry.LONG_LOGS, third, first, second);
    awaitSamples(third, first, second);
    gone = "127.0.0.1:" + freePort() + "/gone";
    broken =
        rig.with("storage.parts", "0")
            .with("storage.query_from", address(first) + "," + gone)
            .start();
  }

  @AfterAll
  static void stop() {
    rig.close();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static String address(PostgresServer server) {
    return server.host() + ":" + server.port() + "/" + server.database();
  }

  private static long count(PostgresServer server, String table) {
    return StorageRig.number(server, "select coalesce(sum(n), 0) from telemetry." + table);
  }

  private static void awaitSum(
      String table, long items, PostgresServer all, PostgresServer... some) {
    await()
        .atMost(StorageRig.PATIENCE)
        .until(() -> count(all, table) == items && sum(table, some) == items);
  }

  private static long sum(String table, PostgresServer... servers) {
    long sum = 0;
    for (PostgresServer server : servers) {
      sum += count(server, table);
    }
    return sum;
  }

  /** Until the offsets stored say that nothing is missing. */
  private static void awaitSamples(PostgresServer all, PostgresServer... some) {
    String sql =
        "select coalesce(sum(next_offset), 0) from telemetry.ingest_offset where topic in ('"
            + rig.topics.metrics().name()
            + "', '"
            + rig.topics.derived().name()
            + "')";
    long records = Shop.STEPS + 50;
    await()
        .atMost(StorageRig.PATIENCE)
        .until(
            () -> {
              long stored = 0;
              for (PostgresServer server : some) {
                stored += StorageRig.number(server, sql);
              }
              return stored == records && StorageRig.number(all, sql) == records;
            });
  }

  private static void assertAlike(String path) {
    alike(path, rig.json(over, path), rig.json(whole, path));
  }

  /** Numbers may differ in their last digits, as sums are added up in another order. */
  private static void alike(String where, Object actual, Object expected) {
    if (expected instanceof JsonObject object && actual instanceof JsonObject found) {
      assertThat(found.fieldNames()).as(where).isEqualTo(object.fieldNames());
      object.forEach(
          entry -> alike(where + " " + entry.getKey(), get(found, entry), get(object, entry)));
    } else if (expected instanceof JsonArray array && actual instanceof JsonArray found) {
      assertThat(found.size()).as(where + " " + found + " / " + array).isEqualTo(array.size());
      for (int i = 0; i < array.size(); i++) {
        alike(where + "[" + i + "]", found.getValue(i), array.getValue(i));
      }
    } else if (expected instanceof Double number && actual instanceof Number found) {
      double tolerance = ALIKE * Math.max(1, Math.abs(number));
      assertThat(found.doubleValue()).as(where).isCloseTo(number, Offset.offset(tolerance));
    } else {
      assertThat(actual).as(where).isEqualTo(expected);
    }
  }

  private static Object get(JsonObject object, Map.Entry<String, Object> entry) {
    return object.getValue(entry.getKey());
  }

  /** Walks through the pages of both; returns how many. */
  private static int assertPagesAlike(String path, String list) {
    String cursor = "";
    Set<Object> seen = new HashSet<>();
    int pages = 0;
    do {
      String page = path + "&" + times + cursor;
      JsonObject found = rig.json(over, page);
      alike(page, found, rig.json(whole, page));
      found.getJsonArray(list).forEach(item -> assertThat(seen.add(item)).isTrue());
      String next = found.getString("next");
      cursor = next == null ? null : "&cursor=" + next;
      pages++;
    } while (cursor != null);
    return pages;
  }

  @Test
  void traceSearch_isThatOfOneDatabase_pageByPage() {
    assertThat(assertPagesAlike("/api/v1/traces?limit=7", "traces")).isGreaterThan(8);
    assertPagesAlike("/api/v1/traces?limit=4&status=error", "traces");
    assertPagesAlike("/api/v1/traces?limit=3&service=cart&min_duration=200ms", "traces");
    assertPagesAlike("/api/v1/traces?limit=5&attribute=" + encoded("user.id=u1"), "traces");
  }

  @Test
  void traces_areWhole_withTheirLogs() {
    for (String id : telemetry.traceIds()) {
      String path = "/api/v1/traces/" + id + "?logs=true";
      JsonObject found = rig.json(over, path);
      JsonObject expected = rig.json(whole, path);
      assertThat(spans(found)).isEqualTo(spans(expected));
      alike(path, found.getJsonArray("logs"), expected.getJsonArray("logs"));
    }
    HttpResponse<String> unknown = rig.get(over, "/api/v1/traces/" + "ab".repeat(16));
    assertThat(unknown.statusCode()).isEqualTo(404);
  }

  @Test
  void logs_areFoundOnEveryDayOfATrace() {
    String path = "/api/v1/traces/" + telemetry.longTraceId() + "?logs=true";
    for (StorageService service : List.of(over, whole)) {
      JsonObject trace = rig.json(service, path);
      assertThat(spans(trace)).hasSize(2);
      assertThat(trace.getJsonArray("logs")).hasSize(ScatteredTelemetry.LONG_LOGS);
      assertThat(trace.getBoolean("logsTruncated")).isFalse();
    }
  }

  /** Each span as text, once. */
  private static Set<String> spans(JsonObject trace) {
    Set<String> spans = new HashSet<>();
    for (Object resource : trace.getJsonArray("resourceSpans")) {
      for (Object scope : ((JsonObject) resource).getJsonArray("scopeSpans")) {
        for (Object span : ((JsonObject) scope).getJsonArray("spans")) {
          assertThat(spans.add(span.toString())).isTrue();
        }
      }
    }
    return spans;
  }

  @Test
  void logSearch_isThatOfOneDatabase_pageByPage() {
    assertThat(assertPagesAlike("/api/v1/logs?limit=7", "logs")).isGreaterThan(30);
    assertPagesAlike("/api/v1/logs?limit=9&direction=oldest_first", "logs");
    assertPagesAlike("/api/v1/logs?limit=3&q=refused&severity=info", "logs");
    assertAlike("/api/v1/logs/histogram?step=100s&" + times);
    assertAlike("/api/v1/logs/histogram?step=5m&severity=warn&" + times);
  }

  @Test
  void services_areThoseOfOneDatabase_withQuantilesOfTheWhole() {
    assertAlike("/api/v1/services");
    assertAlike("/api/v1/services/cart/operations");
    assertAlike("/api/v1/services/cart/operations?kind=server");
    // Up to a minute that is over: rates of the present one change while it is asked for.
    String past =
        times.replaceFirst("end=.*", "end=" + Instant.ofEpochMilli(endMs - endMs % 60_000 - 1));
    for (String kind : List.of("", "&kind=client", "&kind=all")) {
      assertAlike("/api/v1/services/red?" + past + kind);
      assertAlike("/api/v1/services/cart/red?" + past + kind);
      assertAlike("/api/v1/services/mail/over-time?step=5m&" + past + kind);
      assertAlike(
          "/api/v1/services/mail/over-time?step=1m&operation="
              + encoded("GET /1")
              + "&"
              + past
              + kind);
    }
    assertAlike("/api/v1/service-map?" + times);
    assertThat(rig.json(over, "/api/v1/service-map?" + times).getJsonArray("edges")).isNotEmpty();
  }

  @Test
  void exceptions_areCountedOverAllDatabases() {
    assertAlike("/api/v1/exceptions?limit=4&" + times);
    assertAlike("/api/v1/exceptions?service=cart&" + times);
  }

  @Test
  void attributes_areThoseOfAnyDatabase() {
    assertAlike("/api/v1/attributes?signal=traces&" + times);
    assertAlike("/api/v1/attributes?signal=logs&" + times);
    assertAlike("/api/v1/attributes/user.id?signal=traces&" + times);
    assertAlike("/api/v1/attributes/user.id?signal=logs&" + times);
  }

  @Test
  void promql_isEvaluatedOverTheSeriesOfAllDatabases() {
    long end = endMs / 1_000;
    for (String query :
        List.of(
            "sum by (http_route) (rate(http_server_requests_total[2m]))",
            "quantile(0.5, queue_temperature_celsius)",
            "histogram_quantile(0.9, sum by (le) (rate(http_server_duration_seconds_bucket[5m])))",
            "topk(2, cpu_time_seconds_total)",
            "http_server_requests_total / on (instance, job) group_left (host_name) target_info",
            "sum(traces_calls_total)",
            "count({__name__=~\".+\"})")) {
      String asked = "query=" + encoded(query);
      assertAlike("/prometheus/api/v1/query?" + asked + "&time=" + end);
      assertAlike(
          "/prometheus/api/v1/query_range?step=20&start="
              + (end - 600)
              + "&end="
              + end
              + "&"
              + asked);
    }
    String seconds = "start=" + (end - 900) + "&end=" + end;
    assertAlike("/prometheus/api/v1/labels?" + seconds);
    assertAlike("/prometheus/api/v1/labels?limit=3&" + seconds);
    assertAlike("/prometheus/api/v1/label/__name__/values?" + seconds);
    assertAlike("/prometheus/api/v1/label/job/values?" + seconds);
    assertAlike("/prometheus/api/v1/series?match[]=" + encoded("{job!=\"\"}") + "&" + seconds);
    assertAlike("/prometheus/api/v1/metadata");
    assertAlike("/prometheus/api/v1/query_exemplars?query=up&" + seconds);
  }

  @Test
  void tail_showsRecordsOfEveryDatabase() throws Exception {
    Queue<String> messages = new ConcurrentLinkedQueue<>();
    try (Closeable socket = rig.tail(over, "/api/v1/logs/tail?contains=live", messages::add)) {
      assertThat(socket).isNotNull();
      int[] sent = {0};
      await()
          .atMost(StorageRig.PATIENCE)
          .pollInterval(Duration.ofMillis(500))
          .until(
              () -> {
                // The first looks only find out where to begin.
                for (int part = 0; part < PARTS; part++) {
                  var log = Otlp.log("live " + part + " " + sent[0]++, Otlp.nowNanos()).build();
                  rig.send(rig.topics.logs(), part, Otlp.logs("tail", List.of(log)));
                }
                String all = String.join("", messages);
                return all.contains("live 0 ") && all.contains("live 3 ");
              });
    }
  }

  @Test
  void queries_failNamingTheDatabase_whenOneIsAway() {
    for (String path :
        List.of(
            "/api/v1/traces?" + times,
            "/api/v1/traces/" + telemetry.traceIds().get(0),
            "/api/v1/logs?" + times,
            "/api/v1/logs/histogram?" + times,
            "/api/v1/services",
            "/api/v1/services/red?" + times,
            "/api/v1/service-map?" + times,
            "/api/v1/exceptions?" + times,
            "/api/v1/attributes?signal=traces&" + times,
            "/prometheus/api/v1/labels",
            "/prometheus/api/v1/query?query=sum(up)")) {
      HttpResponse<String> answer = rig.get(broken, path);
      assertThat(answer.statusCode()).as(path + " " + answer.body()).isEqualTo(503);
      assertThat(answer.body()).contains("the database " + gone + " cannot be reached");
    }
    assertThat(rig.get(broken, "/ready").statusCode()).isEqualTo(503);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
