package dev.tocsin.otlp.prometheus;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import dev.tocsin.otlp.prometheus.SeriesSink.Kind;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;

class PrometheusSeriesTest {
  private static final String RESOURCE =
      """
      resource {
        attributes { key: "service.name" value { string_value: "cart" } }
        attributes { key: "service.namespace" value { string_value: "shop" } }
        attributes { key: "service.instance.id" value { string_value: "i1" } }
        attributes { key: "host.name" value { string_value: "h" } }
      }
      """;

  private static final String TOO_LONG = "x".repeat(PrometheusSeries.LABELS_CHARS_MAX + 1);

  private record Sample(Map<String, String> labels, Kind kind, long timeMs, double value) {
    String name() {
      return labels.get("__name__");
    }
  }

  @Test
  void sum_becomesTotalWithJobAndInstance_andResourceBecomesTargetInfo() throws Exception {
    List<Sample> samples =
        read(
            """
            name: "orders" sum { is_monotonic: true aggregation_temporality: 2 data_points {
              time_unix_nano: 5000000000 as_int: 7
              attributes { key: "pay.kind" value { string_value: "card" } } } }
            """);
    assertThat(samples)
        .containsExactly(
            new Sample(
                Map.of(
                    "__name__",
                    "orders_total",
                    "job",
                    "shop/cart",
                    "instance",
                    "i1",
                    "pay_kind",
                    "card"),
                Kind.CUMULATIVE,
                5_000,
                7),
            new Sample(
                Map.of(
                    "__name__",
                    "target_info",
                    "job",
                    "shop/cart",
                    "instance",
                    "i1",
                    "host_name",
                    "h"),
                Kind.GAUGE,
                5_000,
                1));
  }

  @Test
  void histogram_becomesCumulativeBucketsSumAndCount_andKeepsDelta() throws Exception {
    List<Sample> samples =
        read(
            """
            name: "lat" unit: "s" histogram { aggregation_temporality: 1 data_points {
              time_unix_nano: 1000000 count: 6 sum: 1.5 explicit_bounds: 0.005 explicit_bounds: 10
              bucket_counts: 1 bucket_counts: 2 bucket_counts: 3 } }
            """);
    assertThat(samples)
        .filteredOn(s -> !s.name().equals("target_info"))
        .allMatch(s -> s.kind == Kind.DELTA);
    assertThat(samples)
        .filteredOn(s -> s.name().equals("lat_seconds_bucket"))
        .extracting(s -> s.labels.get("le") + "=" + s.value)
        .containsExactly("0.005=1.0", "10=3.0", "+Inf=6.0");
    assertThat(samples).anyMatch(s -> s.name().equals("lat_seconds_sum") && s.value == 1.5);
    assertThat(samples).anyMatch(s -> s.name().equals("lat_seconds_count") && s.value == 6);
  }

  @Test
  void point_isStale_whenNoValueWasRecorded_andLeftOut_whenItHasNoTime() throws Exception {
    List<Sample> samples =
        read(
            """
            name: "g" gauge {
              data_points { time_unix_nano: 1000000 flags: 1 as_double: 3 }
              data_points { as_double: 3 } }
            """);
    assertThat(samples)
        .filteredOn(s -> s.name().equals("g"))
        .singleElement()
        .satisfies(s -> assertThat(PrometheusSeries.isStale(s.value)).isTrue());
  }

  @Test
  void histogramsSeries_areStale_whenNoValueWasRecorded() throws Exception {
    List<Sample> samples =
        read(
            """
            name: "e" exponential_histogram { aggregation_temporality: 2
              data_points { time_unix_nano: 1000000 flags: 1 } }
            """);
    samples.addAll(
        read(
            """
            name: "h" histogram { aggregation_temporality: 2
              data_points { time_unix_nano: 1000000 flags: 1 explicit_bounds: 1
                bucket_counts: 0 bucket_counts: 0 } }
            """));
    samples.removeIf(s -> s.name().equals("target_info"));
    assertThat(samples)
        .extracting(s -> s.name() + s.labels.getOrDefault("le", ""))
        .containsExactly("e_count", "e", "h_bucket1", "h_bucket+Inf", "h_count");
    assertThat(samples).allMatch(s -> PrometheusSeries.isStale(s.value));
  }

  @Test
  void metadata_areToldOfEveryMetricWithPoints() throws Exception {
    List<String> told = new ArrayList<>();
    ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
    TextFormat.merge(
        """
        resource_metrics { scope_metrics {
          metrics { name: "orders" description: "Sold." unit: "{order}" sum { is_monotonic: true
            aggregation_temporality: 1 data_points { time_unix_nano: 1000000 as_int: 7 } } }
          metrics { name: "rate" unit: "By/s" gauge { data_points { time_unix_nano: 1000000 } } }
          metrics { name: "queue" sum { data_points { time_unix_nano: 1000000 as_int: 7 } } }
          metrics { name: "lat" unit: "ms" exponential_histogram { data_points { count: 0 } } }
          metrics { name: "pause" unit: "s" summary { data_points { count: 0 } } }
          metrics { name: "none" gauge { } } } }
        """,
        request);
    PrometheusSeries.read(
        request.build(),
        new SeriesSink() {
          @Override
          public void sample(
              SortedMap<String, String> labels,
              Kind kind,
              long timeMs,
              long startMs,
              double value) {}

          @Override
          public void metadata(String name, String type, String help, String unit) {
            told.add(name + "|" + type + "|" + help + "|" + unit);
          }
        });
    assertThat(told)
        .containsExactly(
            "orders_total|counter|Sold.|",
            "rate_bytes_per_second|gauge||bytes_per_second",
            "queue|gauge||",
            "lat_milliseconds|histogram||milliseconds",
            "pause_seconds|summary||seconds");
  }

  @Test
  void labels_areJoined_whenTheirNamesCollide_andIdentityWins() throws Exception {
    List<Sample> samples =
        read(
            """
            name: "g" gauge { data_points { time_unix_nano: 1000000 as_double: 3
              attributes { key: "a.b" value { string_value: "1" } }
              attributes { key: "a_b" value { string_value: "2" } }
              attributes { key: "job" value { string_value: "forged" } } } }
            """);
    assertThat(samples.get(0).labels).containsEntry("a_b", "1;2").containsEntry("job", "shop/cart");
  }

  @Test
  void outsizedPoint_isToldOfByTheNamesOfTheSeriesItWouldHaveHad() throws Exception {
    String tooLong = "attributes { key: \"a\" value { string_value: \"" + TOO_LONG + "\" } }";
    String point = "time_unix_nano: 5000000 " + tooLong;
    List<String> outsized =
        outsized(
            RESOURCE,
            """
            metrics { name: "g" gauge { data_points { %1$s } data_points { %1$s } } }
            metrics { name: "orders" sum { is_monotonic: true aggregation_temporality: 2
              data_points { %1$s } } }
            metrics { name: "lat" unit: "s" histogram { data_points { sum: 1
              explicit_bounds: 1 explicit_bounds: 2 %1$s } data_points { %1$s } } }
            metrics { name: "e" exponential_histogram { data_points { sum: 1 %1$s } } }
            metrics { name: "pause" summary { data_points { quantile_values { quantile: 0.5 }
              %1$s } data_points { %1$s } } }
            """
                .formatted(point));
    assertThat(outsized)
        .containsExactly(
            "g 5 1",
            "g 5 1",
            "orders_total 5 1",
            "lat_seconds_bucket 5 3",
            "lat_seconds_sum 5 1",
            "lat_seconds_count 5 1",
            "lat_seconds_bucket 5 1",
            "lat_seconds_count 5 1",
            "e_sum 5 1",
            "e_count 5 1",
            "pause 5 1",
            "pause_sum 5 1",
            "pause_count 5 1",
            "pause_sum 5 1",
            "pause_count 5 1",
            "target_info 5 1");
  }

  @Test
  void outsizedIdentity_isToldOfWithEachPoint_andOnlyTheResourcesThatHaveTargetInfoLackIt()
      throws Exception {
    String point = "metrics { name: \"g\" gauge { data_points { time_unix_nano: 5000000 } } }";
    String job =
        "attributes { key: \"service.name\" value { string_value: \"" + TOO_LONG + "\" } }";
    String host = "attributes { key: \"host.name\" value { string_value: \"h\" } }";
    assertThat(outsized("resource { " + job + " }", point)).containsExactly("g 5 1");
    assertThat(outsized("resource { " + job + host + " }", point))
        .containsExactly("g 5 1", "target_info 5 1");
    assertThat(outsized("resource { " + host + " }", point)).isEmpty();
  }

  @Test
  void outsizedPoint_isToldOfByTheNameItsMetricHasElsewhere_howeverLongThatIs() throws Exception {
    String metric =
        "name: \"" + "m".repeat(5_000) + "\" gauge { data_points { time_unix_nano: 1000000 ";
    String tooLong = "attributes { key: \"a\" value { string_value: \"" + TOO_LONG + "\" } }";
    String name = read(metric + "} }").get(0).name();
    assertThat(name).hasSizeLessThan(1_100);
    assertThat(outsized("", "metrics { " + metric + tooLong + "} } }"))
        .containsExactly(name + " 1 1");
  }

  /** Names, times and counts of what has no series. */
  private static List<String> outsized(String resource, String metrics) throws Exception {
    ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
    TextFormat.merge(
        "resource_metrics { " + resource + " scope_metrics { " + metrics + " } }", request);
    List<String> told = new ArrayList<>();
    PrometheusSeries.read(
        request.build(),
        new SeriesSink() {
          @Override
          public void sample(
              SortedMap<String, String> labels,
              Kind kind,
              long timeMs,
              long startMs,
              double value) {}

          @Override
          public void outsized(String metric, long timeMs, int samples) {
            told.add(metric + " " + timeMs + " " + samples);
          }
        });
    return told;
  }

  private static List<Sample> read(String metric) throws Exception {
    ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
    TextFormat.merge(
        "resource_metrics { " + RESOURCE + " scope_metrics { metrics { " + metric + " } } }",
        request);
    List<Sample> samples = new ArrayList<>();
    PrometheusSeries.read(
        request.build(),
        (labels, kind, timeMs, startMs, value) ->
            samples.add(new Sample(labels, kind, timeMs, value)));
    return samples;
  }
}
