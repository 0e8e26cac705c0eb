package dev.tocsin.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tocsin.storage.http.ApiSchemas;
import dev.tocsin.storage.service.StorageService;
import dev.tocsin.testkit.Backends;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same metrics, as OTLP through Kafka to us and by remote write to Debian's Prometheus, answer
 * the same requests alike; and Debian's promtool is content with us.
 */
final class PrometheusParityIT {
  private static StorageRig rig;
  private static StorageService service;
  private static Shop shop;

  @BeforeAll
  static void store() throws Exception {
    rig = new StorageRig("parity", Backends.freshDatabase("parity"), 1);
    service = rig.start();
    shop = new Shop(System.currentTimeMillis() / 15_000 * 15_000 - 60_000);
    for (ExportMetricsServiceRequest request : shop.requests()) {
      rig.send(rig.topics.metrics(), 0, request);
    }
    int samples = shop.series().values().stream().mapToInt(points -> points.size()).sum();
    rig.awaitItems("metric_block", samples);
  }

  @AfterAll
  static void stop() throws Exception {
    rig.close();
    if (Reference.server != null) {
      Reference.server.close();
    }
  }

  /** Debian's Prometheus with the shop's series, started when the first test asks for it. */
  private static final class Reference {
    static PrometheusBinary server;

    static PrometheusBinary get(Path work) throws Exception {
      if (server == null) {
        Path program = Programs.find("prometheus");
        assumeTrue(program != null, "no prometheus on the search path: nothing to compare with");
        server = PrometheusBinary.start(program, work);
        server.write(shop.series());
      }
      return server;
    }
  }

  @TempDir static Path work;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{job='acme/shop'}",
        "http_server_requests_total",
        "rate(http_server_requests_total[1m])",
        "sum by (http_route) (increase(http_server_requests_total[2m]))",
        "sum without (instance) (irate(cpu_time_seconds_total[1m]))",
        "queue_temperature_celsius",
        "count_over_time(queue_temperature_celsius[3m])",
        "histogram_quantile(0.9, sum by (le) (rate(http_server_duration_seconds_bucket[2m])))",
        "rate(http_server_duration_seconds_sum[2m]) / rate(http_server_duration_seconds_count[2m])",
        "gc_pause_milliseconds{quantile='0.99'} > 10",
        "jobs * on (instance, job) group_left (host_name) target_info",
        "topk(2, disk_usage_ratio)",
        "quantile_over_time(0.5, transfer_bytes_per_second[2m] offset 1m)",
        "max_over_time(rate(http_server_requests_total{http_route!~'/p.*'}[1m] offset 7s)[3m:30s])",
        "label_replace(jobs, 'short', '$1', 'ki_nd', '(.).*')",
        "count_values('v', target_info)",
        "absent(nothing_here)",
        "stddev(disk_usage_ratio) + scalar(sum(jobs))",
        "sort_desc(resets(http_server_requests_total[10m]))",
        "time() - timestamp(jobs)",
        "'text'",
        "1e3 / 7"
      })
  void query_isAnsweredAlike_nowAndOverTime(String query) throws Exception {
    PrometheusBinary reference = Reference.get(work);
    // Ranges of Prometheus 2 hold a sample on their left edge, those of 3 (and ours) do not: with
    // times between the samples none is there.
    long end = shop.timeMs(Shop.STEPS - 1) / 1_000 + 7;
    for (int back : new int[] {0, 60, 7 * 60}) {
      assertAlike(reference, "query?query=" + encoded(query) + "&time=" + (end - back));
    }
    if (!query.startsWith("'")) {
      assertAlike(
          reference,
          "query_range?query=%s&start=%d&end=%d&step=20s"
              .formatted(encoded(query), end - 500, end + 120));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "series?match[]=jobs&match[]={__name__=~'gc_.*',quantile!=''}",
        "labels",
        "labels?match[]=http_server_requests_total",
        "label/__name__/values",
        "label/instance/values?match[]=disk_usage_ratio",
        "label/le/values",
        "label/nothing/values",
        "series",
        "query?query=sum(",
        "query",
        "query_range?query=jobs&start=0&end=1000000&step=1",
        "query_range?query=jobs&start=10&end=5&step=1",
        "query_range?query=jobs&start=0&end=5&step=0",
        "query_range?query=jobs&start=x&end=5&step=1",
        "query_range?query=jobs&start=1&end=5&step=soon",
        "query?query=jobs*on(job)target_info",
        "label/bad-name/values",
        "query?query=jobs&timeout=long"
      })
  void request_isAnsweredAlike(String request) throws Exception {
    int mark = request.indexOf('?');
    String query = mark < 0 ? "" : encodedPairs(request.substring(mark + 1));
    assertAlike(Reference.get(work), (mark < 0 ? request : request.substring(0, mark)) + query);
  }

  private static String encodedPairs(String pairs) {
    StringBuilder out = new StringBuilder("?");
    for (String pair : pairs.split("&")) {
      int equals = pair.indexOf('=');
      out.append(out.length() > 1 ? "&" : "")
          .append(encoded(pair.substring(0, equals)))
          .append('=')
          .append(encoded(pair.substring(equals + 1)));
    }
    return out.toString();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static void assertAlike(PrometheusBinary reference, String request) {
    var theirs = reference.get("/api/v1/" + request);
    var ours = rig.get(service, "/prometheus/api/v1/" + request);
    assertThat(ours.statusCode()).as("%s: %s", request, ours.body()).isEqualTo(theirs.statusCode());
    JsonObject expected = new JsonObject(theirs.body());
    JsonObject actual = new JsonObject(ours.body());
    if (expected.getString("status").equals("error")) {
      ApiSchemas.assertValid("PrometheusError", actual);
      assertThat(actual.getString("errorType"))
          .as("%s: %s", request, actual)
          .isEqualTo(expected.getString("errorType"));
      return;
    }
    if (request.startsWith("query")) {
      ApiSchemas.assertValid("PrometheusQuery", actual);
    }
    assertEqual(request, expected.getValue("data"), actual.getValue("data"));
  }

  /** Equal but for the last digits of numbers and the order of series. */
  private static void assertEqual(String where, Object expected, Object actual) {
    if (expected instanceof JsonObject object && actual instanceof JsonObject other) {
      assertThat(other.fieldNames()).as(where).isEqualTo(object.fieldNames());
      for (String field : object.fieldNames()) {
        assertEqual(where + "." + field, object.getValue(field), other.getValue(field));
      }
    } else if (expected instanceof JsonArray array && actual instanceof JsonArray other) {
      List<Object> left = sorted(array);
      List<Object> right = sorted(other);
      assertThat(right).as("%s: %s against %s", where, other, array).hasSameSizeAs(left);
      for (int i = 0; i < left.size(); i++) {
        assertEqual(where + "[" + i + "]", left.get(i), right.get(i));
      }
    } else if (expected instanceof Number number && actual instanceof Number other) {
      assertThat(other.doubleValue()).as(where).isEqualTo(number.doubleValue());
    } else if (isFinite(expected) && isFinite(actual)) {
      double value = Double.parseDouble((String) expected);
      assertThat(Double.parseDouble((String) actual))
          .as(where)
          .isCloseTo(value, within(Math.abs(value) * 1e-9 + 1e-12));
    } else {
      assertThat(actual).as(where).isEqualTo(expected);
    }
  }

  private static boolean isFinite(Object value) {
    return value instanceof String text && text.matches("-?[0-9.]+([eE][-+]?[0-9]+)?");
  }

  private static List<Object> sorted(JsonArray array) {
    boolean series = !array.isEmpty() && array.getValue(0) instanceof JsonObject;
    Stream<Object> items = array.stream();
    return series
        ? items
            .sorted(
                Comparator.comparing(
                    item -> {
                      JsonObject each = (JsonObject) item;
                      JsonObject labels = each.getJsonObject("metric", each);
                      return new TreeMap<>(labels.getMap()).toString();
                    }))
            .toList()
        : items.toList();
  }

  @Test
  void promtool_readsUs() throws Exception {
    Path promtool = Programs.find("promtool");
    assumeTrue(promtool != null, "no promtool on the search path");
    String base = service.endpoints().values().iterator().next().replace("/api/v1", "/prometheus");
    String end = Long.toString(shop.timeMs(Shop.STEPS - 1) / 1_000);
    String start = Long.toString(shop.timeMs(0) / 1_000);

    assertThat(promtool(promtool, "instant", "--time=" + end, base, "sum(target_info)"))
        .contains("{} => 3 @[" + end);
    assertThat(
            promtool(
                promtool,
                "range",
                "--start=" + start,
                "--end=" + end,
                "--step=60s",
                base,
                "sum by (job) (jobs)"))
        .contains("{job=\"acme/shop\"} =>");
    assertThat(promtool(promtool, "series", "--match=target_info", base))
        .contains("host_name=\"h-2\"");
    assertThat(promtool(promtool, "labels", base, "http_route")).contains("/cart").contains("/pay");
  }

  private static String promtool(Path program, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(program.toString(), "query"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", command, output).isZero();
    return output;
  }

  @Test
  void forms_andLimits_work() throws Exception {
    JsonObject limited =
        rig.json(service, "/prometheus/api/v1/query?query=target_info&limit=2&time=" + end());
    assertThat(limited.getJsonObject("data").getJsonArray("result")).hasSize(2);
    assertThat(limited.getJsonArray("warnings")).containsExactly("results truncated due to limit");
    JsonObject names = rig.json(service, "/prometheus/api/v1/labels?limit=1");
    assertThat(names.getJsonArray("warnings")).containsExactly("results truncated due to limit");
    ApiSchemas.assertValid("PrometheusTexts", names);
    ApiSchemas.assertValid(
        "PrometheusSeries",
        rig.json(service, "/prometheus/api/v1/series?match[]=jobs".replace("[]", "%5B%5D")));
    ApiSchemas.assertValid("PrometheusMetadata", rig.json(service, "/prometheus/api/v1/metadata"));
    ApiSchemas.assertValid(
        "PrometheusExemplars", rig.json(service, "/prometheus/api/v1/query_exemplars?query=jobs"));
    ApiSchemas.assertValid(
        "PrometheusText", rig.json(service, "/prometheus/api/v1/format_query?query=sum(jobs)"));
    assertThat(rig.json(service, "/prometheus/api/v1/status/buildinfo").encode())
        .contains("\"features\":{}");
    // Longer than any URL: a form holds it.
    String query = "sum(jobs{instance!='" + "x".repeat(60_000) + "'})";
    assertThat(
            rig.post(
                    service,
                    "/prometheus/api/v1/query",
                    "query=" + encoded(query) + "&time=" + end())
                .statusCode())
        .isEqualTo(200);
    assertThat(rig.json(service, "/api/v1/openapi.json").getString("openapi")).startsWith("3.1");
  }

  private static long end() {
    return shop.timeMs(Shop.STEPS - 1) / 1_000;
  }
}
