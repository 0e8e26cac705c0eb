package dev.tocsin.storage;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.TextFormat;
import dev.tocsin.storage.http.ApiSchemas;
import dev.tocsin.storage.service.StorageService;
import dev.tocsin.testkit.Backends;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What Prometheus knows of OTLP metrics beside float samples, from Kafka to HTTP. */
final class PrometheusExtrasIT {
  private static final long NOW_MS = System.currentTimeMillis() / 1_000 * 1_000;
  private static final ByteString TRACE = ByteString.fromHex("0102030405060708090a0b0c0d0e0f10");

  private static StorageRig rig;
  private static StorageService service;

  @BeforeAll
  static void store() throws Exception {
    rig = new StorageRig("extras", Backends.freshDatabase("extras"), 1);
    service = rig.start();
    send(
        """
        metrics { name: "lat" description: "How long." unit: "s" histogram {
          aggregation_temporality: 2 data_points { time_unix_nano: %1$d count: 3 sum: 4
            bucket_counts: 1 bucket_counts: 1 bucket_counts: 1 explicit_bounds: 1 explicit_bounds: 2
            exemplars { time_unix_nano: %2$d as_double: 1.5 trace_id: "%3$s" span_id: "\\001\\002"
              filtered_attributes { key: "user.id" value { string_value: "u1" } } }
            exemplars { time_unix_nano: %2$d as_int: 7 } } } }
        metrics { name: "orders" description: "Sold." sum { is_monotonic: true
          aggregation_temporality: 1 data_points { time_unix_nano: %1$d as_int: 7
            exemplars { time_unix_nano: %2$d as_int: 2 trace_id: "%3$s" } } } }
        """
            .formatted(nanos(30), nanos(31), TextFormat.escapeBytes(TRACE)));
    send(
        """
        metrics { name: "orders" description: "Things sold." sum { is_monotonic: true
          aggregation_temporality: 1 data_points { time_unix_nano: %d as_int: 1 } } }
        """
            .formatted(nanos(20)));
    for (int i = 0; i < 3; i++) {
      send(
          """
          metrics { name: "size" unit: "By" exponential_histogram { aggregation_temporality: 1
            data_points { time_unix_nano: %d count: 2 sum: 3 scale: %d
              positive { offset: 0 bucket_counts: 1 bucket_counts: 1 } } } }
          """
              .formatted(nanos(30 - 10 * i), 1 - i));
    }
    send(
        """
        metrics { name: "gone" exponential_histogram { aggregation_temporality: 2
          data_points { time_unix_nano: %d count: 1 sum: 1 positive { bucket_counts: 1 } } } }
        """
            .formatted(nanos(30)));
    send(
        """
        metrics { name: "gone" exponential_histogram { aggregation_temporality: 2
          data_points { time_unix_nano: %d flags: 1 } } }
        """
            .formatted(nanos(10)));
    rig.awaitNumber(
        "select next_offset from telemetry.ingest_offset where topic = '"
            + rig.topics.metrics().name()
            + "'",
        7);
  }

  @AfterAll
  static void stop() {
    rig.close();
  }

  private static long nanos(int secondsAgo) {
    return (NOW_MS - secondsAgo * 1_000L) * 1_000_000;
  }

  private static void send(String metrics) throws Exception {
    ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
    TextFormat.merge(
        """
        resource_metrics {
          resource { attributes { key: "service.name" value { string_value: "shop" } } }
          scope_metrics { %s } }
        """
            .formatted(metrics),
        request);
    rig.send(rig.topics.metrics(), 0, request.build());
  }

  private static JsonObject get(String request) {
    JsonObject answer = rig.json(service, "/prometheus/api/v1/" + request);
    assertThat(answer.getString("status")).isEqualTo("success");
    return answer;
  }

  @Test
  void metadata_areWhatSendersSaid_theLatestFirst() {
    JsonObject answer = get("metadata");
    ApiSchemas.assertValid("PrometheusMetadata", answer);
    JsonObject all = answer.getJsonObject("data");
    assertThat(all.fieldNames())
        .containsExactly("gone", "lat_seconds", "orders_total", "size_bytes");
    assertThat(all.getJsonArray("lat_seconds").encode())
        .isEqualTo("[{\"type\":\"histogram\",\"help\":\"How long.\",\"unit\":\"seconds\"}]");
    assertThat(helps(all.getJsonArray("orders_total")))
        .containsExactlyInAnyOrder("Sold.", "Things sold.");
  }

  @Test
  void metadata_areLimited_asPrometheusDoes() {
    assertThat(names("metadata?limit=2")).containsExactly("gone", "lat_seconds");
    assertThat(names("metadata?limit=0")).isEmpty();
    assertThat(names("metadata?limit=-1")).hasSize(4);
    assertThat(names("metadata?metric=orders_total")).containsExactly("orders_total");
    assertThat(names("metadata?metric=nothing")).isEmpty();
    JsonObject one = get("metadata?metric=orders_total&limit_per_metric=1").getJsonObject("data");
    assertThat(one.getJsonArray("orders_total")).hasSize(1);
    JsonObject refused =
        new JsonObject(rig.get(service, "/prometheus/api/v1/metadata?limit=x").body());
    assertThat(refused.getString("errorType")).isEqualTo("bad_data");
    assertThat(refused.getString("error")).isEqualTo("limit must be a number");
  }

  private static List<String> names(String request) {
    return List.copyOf(get(request).getJsonObject("data").fieldNames());
  }

  private static List<String> helps(JsonArray metadata) {
    return metadata.stream().map(one -> ((JsonObject) one).getString("help")).toList();
  }

  @Test
  void exemplars_areThoseOfTheSeriesThatAQueryReads() {
    JsonObject answer =
        exemplars("histogram_quantile(0.9, rate(lat_seconds_bucket[5m])) / sum(orders_total)", 60);
    ApiSchemas.assertValid("PrometheusExemplars", answer);
    JsonArray series = answer.getJsonArray("data");
    assertThat(
            series.stream().map(one -> ((JsonObject) one).getJsonObject("seriesLabels").encode()))
        .containsExactlyInAnyOrder(
            "{\"__name__\":\"lat_seconds_bucket\",\"job\":\"shop\",\"le\":\"+Inf\"}",
            "{\"__name__\":\"lat_seconds_bucket\",\"job\":\"shop\",\"le\":\"2\"}",
            "{\"__name__\":\"orders_total\",\"job\":\"shop\"}");
    JsonObject second = series.getJsonObject(1).getJsonArray("exemplars").getJsonObject(0);
    assertThat(second.getJsonObject("labels").getMap())
        .containsEntry("trace_id", "0102030405060708090a0b0c0d0e0f10")
        .containsEntry("span_id", "0102")
        .containsEntry("user_id", "u1")
        .hasSize(3);
    assertThat(second.getString("value")).isEqualTo("1.5");
    assertThat(second.getDouble("timestamp")).isEqualTo(NOW_MS / 1_000.0 - 31);
  }

  @Test
  void exemplars_keepToTimeAndSelectors() {
    assertThat(exemplars("lat_seconds_bucket{le='1'}", 60).getJsonArray("data")).isEmpty();
    assertThat(exemplars("orders_total", 30).getJsonArray("data")).isEmpty();
    assertThat(exemplars("orders_total", 32).getJsonArray("data")).hasSize(1);
    assertThat(rig.get(service, "/prometheus/api/v1/query_exemplars?query=sum(").statusCode())
        .isEqualTo(400);
  }

  private static JsonObject exemplars(String query, int sinceSeconds) {
    return get(
        "query_exemplars?query=%s&start=%d&end=%d"
            .formatted(encoded(query), NOW_MS / 1_000 - sinceSeconds, NOW_MS / 1_000));
  }

  @Test
  void deltaExponentialHistograms_areOneNativeHistogram() {
    JsonObject histogram = value("size_bytes").getJsonArray("histogram").getJsonObject(1);
    assertThat(histogram.getString("count")).isEqualTo("6");
    assertThat(histogram.getString("sum")).isEqualTo("9");
    // Scales 1, 0, -1: the lowest has buckets (1, 4] and (4, 16].
    assertThat(histogram.getJsonArray("buckets").encode())
        .isEqualTo("[[0,\"1\",\"4\",\"5\"],[0,\"4\",\"16\",\"1\"]]");
    // 4 more between samples 20 s apart, extrapolated to 35 s: buckets begin with the first point.
    assertThat(value("histogram_count(increase(size_bytes[1m]))").getJsonArray("value"))
        .contains("7");
    // What the deltas add up to, as rules see it.
    assertThat(value("increase(size_bytes_count[1m])").getJsonArray("value")).contains("6");
  }

  @Test
  void nativeHistogram_ends_whenNoValueWasRecorded() {
    assertThat(result("gone", NOW_MS - 20_000)).hasSize(1);
    assertThat(result("gone", NOW_MS)).isEmpty();
    assertThat(result("gone_count", NOW_MS)).isEmpty();
  }

  private static JsonObject value(String query) {
    JsonArray result = result(query, NOW_MS);
    assertThat(result).as(query).hasSize(1);
    return result.getJsonObject(0);
  }

  private static JsonArray result(String query, long timeMs) {
    return get("query?query=" + encoded(query) + "&time=" + timeMs / 1_000)
        .getJsonObject("data")
        .getJsonArray("result");
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
