package dev.tocsin.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.tocsin.storage.service.StorageService;
import dev.tocsin.testkit.Backends;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class StorageServiceIT {
  private static StorageRig rig;
  private static StorageService service;

  @BeforeAll
  static void startService() throws Exception {
    rig = new StorageRig("storage", Backends.freshDatabase("storage"), 2);
    service = rig.start();
  }

  @AfterAll
  static void stopService() throws Exception {
    rig.close();
  }

  @Test
  void trace_comesBackById_withEveryFieldIntact() throws Exception {
    ByteString traceId = Otlp.id(16);
    long now = Otlp.nowNanos();
    Span root = Otlp.span(traceId, "GET /cart", now).build();
    Span failing = Otlp.failing(traceId, root.getSpanId(), now + 1_000);
    rig.send(rig.topics.spans(), 0, Otlp.spans("cart", List.of(root)));
    rig.send(rig.topics.spans(), 0, Otlp.spans("payment", List.of(failing)));
    String path = "/api/v1/traces/" + HexFormat.of().formatHex(traceId.toByteArray());
    await().atMost(StorageRig.PATIENCE).until(() -> spans(path).size() == 2);

    List<JsonObject> spans = spans(path);
    JsonObject charge =
        spans.stream().filter(s -> s.getString("name").equals("charge")).findFirst().orElseThrow();
    assertThat(charge.getString("parentSpanId"))
        .isEqualTo(HexFormat.of().formatHex(root.getSpanId().toByteArray()));
    assertThat(charge.getString("traceState")).isEqualTo("shop=1");
    assertThat(charge.getJsonObject("status"))
        .isEqualTo(new JsonObject().put("message", "card declined").put("code", 2));
    assertThat(charge.getJsonArray("attributes")).hasSize(failing.getAttributesCount());
    assertThat(charge.getJsonArray("events").getJsonObject(0).getJsonArray("attributes").encode())
        .contains("Shop.java:42");
    assertThat(charge.getJsonArray("links")).hasSize(1);
    assertThat(charge.getInteger("droppedEventsCount")).isEqualTo(2);
    assertThat(charge.getString("startTimeUnixNano")).isEqualTo(Long.toString(now + 1_000));
    assertThat(rig.json(service, path).encode()).contains("schemas/1.44.0");
  }

  private static List<JsonObject> spans(String path) {
    HttpResponse<String> response = rig.get(service, path);
    List<JsonObject> spans = new ArrayList<>();
    if (response.statusCode() == 200) {
      for (Object resource : new JsonObject(response.body()).getJsonArray("resourceSpans")) {
        for (Object scope : ((JsonObject) resource).getJsonArray("scopeSpans")) {
          ((JsonObject) scope).getJsonArray("spans").forEach(s -> spans.add((JsonObject) s));
        }
      }
    }
    return spans;
  }

  @Test
  void traces_areFoundByServiceAndTime_newestFirst() throws Exception {
    String name = Backends.uniqueName("orders");
    long now = Otlp.nowNanos();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ByteString traceId = Otlp.id(16);
      Span root = Otlp.span(traceId, "POST /orders", now - i * 60_000_000_000L).build();
      Span child = Otlp.failing(traceId, root.getSpanId(), root.getStartTimeUnixNano() + 5);
      rig.send(rig.topics.spans(), i % 2, Otlp.spans(name, List.of(root, child)));
      expected.add(HexFormat.of().formatHex(traceId.toByteArray()));
    }
    String path = "/api/v1/traces?service=" + name;
    await().atMost(StorageRig.PATIENCE).until(() -> traces(path).size() == 5);

    JsonArray found = traces(path + "&limit=3&operation=POST%20/orders");
    assertThat(found.stream().map(t -> ((JsonObject) t).getString("traceId")))
        .containsExactlyElementsOf(expected.subList(0, 3));
    JsonObject newest = found.getJsonObject(0);
    assertThat(newest.getString("rootOperation")).isEqualTo("POST /orders");
    assertThat(newest.getInteger("spanCount")).isEqualTo(2);
    assertThat(newest.getInteger("errorCount")).isEqualTo(1);
    long from = now / 1_000_000_000 - 90;
    assertThat(traces(path + "&start=" + from)).hasSize(2);
    assertThat(traces(path + "&status=error&attribute=raw=none")).isEmpty();
    assertThat(traces(path + "&attribute=http.response.status_code=200&min_duration=20ms"))
        .hasSize(5);
    assertThat(rig.json(service, "/api/v1/services").getJsonArray("services")).contains(name);
    assertThat(
            rig.json(service, "/api/v1/services/" + name + "/operations")
                .getJsonArray("operations"))
        .contains(new JsonObject().put("name", "POST /orders").put("kind", "server"));
  }

  private static JsonArray traces(String path) {
    return rig.json(service, path).getJsonArray("traces");
  }

  @Test
  void logs_areFoundByTextAndTime_newestFirst() throws Exception {
    String name = Backends.uniqueName("logs");
    long now = Otlp.nowNanos();
    List<LogRecord> records = new ArrayList<>();
    ByteString traceId = Otlp.id(16);
    for (int i = 0; i < 200; i++) {
      LogRecord.Builder log =
          Otlp.log("order " + i + " accepted for customer-" + i % 7, now - i * 1_000_000_000L);
      if (i % 50 == 0) {
        log.setSeverityNumber(SeverityNumber.SEVERITY_NUMBER_ERROR).setTraceId(traceId);
      }
      records.add(log.build());
    }
    rig.send(rig.topics.logs(), 1, Otlp.logs(name, records));
    String path = "/api/v1/logs?service=" + name;
    await().atMost(StorageRig.PATIENCE).until(() -> texts(path + "&limit=500").size() == 200);

    assertThat(texts(path + "&q=ORDER%2042%20accepted"))
        .containsExactly("order 42 accepted for customer-0");
    assertThat(texts(path + "&q=customer-3&limit=2"))
        .containsExactly("order 3 accepted for customer-3", "order 10 accepted for customer-3");
    assertThat(texts(path + "&q=never")).isEmpty();
    assertThat(texts(path + "&severity=error")).hasSize(4);
    assertThat(texts(path + "&start=" + (now / 1_000_000_000 - 10)).size()).isBetween(9, 12);
    String trace = HexFormat.of().formatHex(traceId.toByteArray());
    assertThat(texts(path + "&trace_id=" + trace)).hasSize(4);
  }

  private static List<String> texts(String path) {
    return rig.json(service, path).getJsonArray("logs").stream()
        .map(log -> ((JsonObject) log).getString("text"))
        .toList();
  }

  @Test
  void promql_answersAnErrorRate_fromDerivedDeltas() throws Exception {
    String name = Backends.uniqueName("rate");
    long now = Otlp.nowNanos();
    for (int i = 20; i >= 0; i--) {
      long at = now - i * 10_000_000_000L;
      rig.send(rig.topics.derived(), 0, Otlp.calls(name, "STATUS_CODE_OK", at, 9));
      rig.send(rig.topics.derived(), 0, Otlp.calls(name, "STATUS_CODE_ERROR", at, 1));
    }
    String query =
        "sum(rate(traces_calls_total{job='%s',status_code='STATUS_CODE_ERROR'}[2m]))"
            + " / sum(rate(traces_calls_total{job='%s'}[2m]))";
    String path = "/prometheus/api/v1/query?query=" + encoded(query.formatted(name, name));
    String total =
        "/prometheus/api/v1/query?query=" + encoded("sum(traces_calls_total{job='" + name + "'})");
    await().atMost(StorageRig.PATIENCE).until(() -> value(total).equals("210"));
    assertThat(Double.parseDouble(value(path))).isCloseTo(0.1, within());

    String range =
        "/prometheus/api/v1/query_range?step=30&query=%s&start=%d&end=%d"
            .formatted(
                encoded("sum(traces_calls_total{job='" + name + "'})"),
                now / 1_000_000_000 - 120,
                now / 1_000_000_000);
    JsonObject data = rig.json(service, range).getJsonObject("data");
    assertThat(data.getString("resultType")).isEqualTo("matrix");
    assertThat(data.getJsonArray("result").getJsonObject(0).getJsonArray("values")).hasSize(5);
  }

  private static org.assertj.core.data.Offset<Double> within() {
    return org.assertj.core.data.Offset.offset(1e-9);
  }

  private static String value(String path) {
    JsonArray result = rig.json(service, path).getJsonObject("data").getJsonArray("result");
    return result.isEmpty() ? "" : result.getJsonObject(0).getJsonArray("value").getString(1);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Test
  void badRequests_areAnsweredWithValueAndExpectation() {
    assertProblem("/api/v1/traces/xyz", 400, "traceId: xyz (expected: 32 hexadecimal digits)");
    assertProblem("/api/v1/traces/" + "0".repeat(31) + "1", 404, "no trace");
    assertProblem("/api/v1/traces?start=yesterday", 400, "start: yesterday (expected: a time");
    assertProblem("/api/v1/traces?limit=0", 400, "limit: 0 (expected: 1-1000)");
    assertProblem("/api/v1/traces?servce=a", 400, "servce: a (expected: one of attribute");
    assertProblem("/api/v1/logs?start=0", 400, "at most 744h before end");
    assertProblem("/api/v1/logs?severity=loud", 400, "severity: loud");
    HttpResponse<String> promql = rig.get(service, "/prometheus/api/v1/query?query=sum(");
    assertThat(promql.statusCode()).isEqualTo(400);
    assertThat(new JsonObject(promql.body()).getString("errorType")).isEqualTo("bad_data");
    HttpResponse<String> health = rig.get(service, "/health");
    assertThat(health.body()).contains("\"status\":\"Healthy\"");
  }

  private static void assertProblem(String path, int status, String detail) {
    HttpResponse<String> response = rig.get(service, path);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(new JsonObject(response.body()).getString("detail")).contains(detail);
  }
}
