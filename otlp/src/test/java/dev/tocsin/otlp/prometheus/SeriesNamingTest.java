package dev.tocsin.otlp.prometheus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.TextFormat;
import dev.tocsin.common.config.ConfigException;
import dev.tocsin.common.config.Settings;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What tells series apart beside the attributes of their points. */
final class SeriesNamingTest {

  @Test
  void hostsWithoutServiceName_haveSeriesOfTheirOwn() throws Exception {
    assertThat(series(file("two_hosts.txtpb"), IdentifyingAttributes.DEFAULT))
        .containsExactly(
            Map.of("__name__", "system_cpu_load_average_1m", "host_name", "web1"),
            Map.of("__name__", "target_info", "host_name", "web1", "os_type", "linux"),
            Map.of("__name__", "system_cpu_load_average_1m", "host_name", "web2"),
            Map.of("__name__", "target_info", "host_name", "web2", "os_type", "linux"));
  }

  @Test
  void scopesThatShareAName_areToldApart_butTheirOtherMetricsHaveNoLabelsOfScopes()
      throws Exception {
    assertThat(series(file("m_two_scopes.txtpb"), IdentifyingAttributes.DEFAULT))
        .containsExactly(
            Map.of("__name__", "my_metric_a_total", "job", "mb2", "otel_scope_name", "my_meter_1"),
            Map.of("__name__", "my_metric_a_total", "job", "mb2", "otel_scope_name", "my_meter_2"));
    assertThat(
            series(
                request(
                    """
                    resource_metrics {
                      resource { attributes { key: "service.name" value { string_value: "a" } } }
                      scope_metrics { scope { name: "one" version: "1" }
                        metrics { name: "own" gauge { data_points { time_unix_nano: 1 } } }
                        metrics { name: "both.of" gauge { data_points { time_unix_nano: 1 } } } }
                      scope_metrics { scope { name: "one" version: "2" }
                        metrics { name: "both_of" gauge { data_points { time_unix_nano: 1 } } } }
                    }
                    """),
                IdentifyingAttributes.DEFAULT))
        .containsExactly(
            Map.of("__name__", "own", "job", "a"),
            Map.of(
                "__name__",
                "both_of",
                "job",
                "a",
                "otel_scope_name",
                "one",
                "otel_scope_version",
                "1"),
            Map.of(
                "__name__",
                "both_of",
                "job",
                "a",
                "otel_scope_name",
                "one",
                "otel_scope_version",
                "2"));
  }

  @Test
  void scopesOfEqualResources_areToldApart_thoughEachComesWithItsOwn() throws Exception {
    String entry =
        """
        resource_metrics {
          resource { attributes { key: "host.name" value { string_value: "h" } } }
          scope_metrics { scope { name: "%s" }
            metrics { name: "m" gauge { data_points { time_unix_nano: 1 } } } } }
        """;
    assertThat(
            series(
                request(entry.formatted("a") + entry.formatted("b")),
                IdentifyingAttributes.DEFAULT))
        .containsExactly(
            Map.of("__name__", "m", "host_name", "h", "otel_scope_name", "a"),
            Map.of("__name__", "m", "host_name", "h", "otel_scope_name", "b"));
    // The same scope twice says nothing of who is who.
    assertThat(
            series(
                request(entry.formatted("a") + entry.formatted("a")),
                IdentifyingAttributes.DEFAULT))
        .containsOnly(Map.of("__name__", "m", "host_name", "h"));
  }

  @Test
  void resourceWithNameAndInstance_hasNoOtherLabel() throws Exception {
    assertThat(
            labels(
                """
                attributes { key: "service.name" value { string_value: "cart" } }
                attributes { key: "service.instance.id" value { string_value: "i" } }
                attributes { key: "host.name" value { string_value: "h" } }
                """))
        .containsExactly(Map.entry("instance", "i"), Map.entry("job", "cart"));
  }

  @Test
  void resourceWithoutInstance_isNamedByWhatIdentifiesIt_andNothingElse() throws Exception {
    assertThat(
            labels(
                """
                attributes { key: "service.name" value { string_value: "cart" } }
                attributes { key: "k8s.pod.name" value { string_value: "p" } }
                attributes { key: "k8s.pod.labels.name" value { string_value: "no" } }
                attributes { key: "k8s.container.restart_count" value { int_value: 3 } }
                attributes { key: "process.pid" value { int_value: 7 } }
                attributes { key: "os.type" value { string_value: "linux" } }
                attributes { key: "container.id" value { string_value: "" } }
                """))
        .containsExactly(
            Map.entry("job", "cart"),
            Map.entry("k8s_pod_name", "p"),
            Map.entry("process_pid", "7"));
  }

  @Test
  void attributeOfAPoint_isNotReplacedByWhatIsPromoted() throws Exception {
    assertThat(
            series(
                request(
                    """
                    resource_metrics {
                      resource { attributes { key: "host.name" value { string_value: "h" } } }
                      scope_metrics { metrics { name: "m" gauge { data_points { time_unix_nano: 1
                        attributes { key: "host.name" value { string_value: "seen" } } } } } }
                    }
                    """),
                IdentifyingAttributes.DEFAULT))
        .containsExactly(Map.of("__name__", "m", "host_name", "seen"));
  }

  @Test
  void labels_staySmall_howeverLongNamesAre_andLongOnesStayApart() throws Exception {
    StringBuilder attributes = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      attributes.append(
          "attributes { key: \"k8s.x%d.name\" value { string_value: \"%s\" } }%n"
              .formatted(i, "v".repeat(10_000) + i));
    }
    Map<String, String> labels = labels(attributes.toString());
    int characters =
        labels.entrySet().stream()
            .mapToInt(label -> label.getKey().length() + label.getValue().length())
            .sum();
    assertThat(characters).isBetween(1_000, 4_096);
    assertThat(labels.values()).doesNotHaveDuplicates();
  }

  @Test
  void list_isConfigured_andWhatNamesNothingIsRefused() throws Exception {
    Settings settings =
        Settings.of(Map.of("telemetry.identifying_attributes", "rack.id, *.instance.id"));
    IdentifyingAttributes list = IdentifyingAttributes.from(settings);
    settings.verify();
    assertThat(List.of("rack.id", "db.instance.id"))
        .allSatisfy(key -> assertThat(list.has(key)).isTrue());
    assertThat(List.of("host.name", "instance.id", "a.b.instance.id", "rack.id.x", ".instance.id"))
        .allSatisfy(key -> assertThat(list.has(key)).as(key).isFalse());
    Settings wrong = Settings.of(Map.of("telemetry.identifying_attributes", "*"));
    IdentifyingAttributes unused = IdentifyingAttributes.from(wrong);
    assertThatThrownBy(wrong::verify)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("telemetry.identifying_attributes: * (expected: names of");
  }

  @Test
  void longValue_isCutBetweenCharacters_andStaysAnother() {
    String begin = "x".repeat(511) + "\uD83D\uDE00";
    String one = host(begin + "one");
    assertThat(UTF_8.newEncoder().canEncode(one)).isTrue();
    assertThat(one).hasSizeLessThan(530).isNotEqualTo(host(begin + "two"));
  }

  private static String host(String name) {
    Resource resource =
        Resource.newBuilder()
            .addAttributes(
                KeyValue.newBuilder()
                    .setKey("host.name")
                    .setValue(AnyValue.newBuilder().setStringValue(name)))
            .build();
    return IdentifyingAttributes.DEFAULT.labels(resource).getOrDefault("host_name", "");
  }

  private static Map<String, String> labels(String resource) throws Exception {
    Resource.Builder built = Resource.newBuilder();
    TextFormat.merge(resource, built);
    return IdentifyingAttributes.DEFAULT.labels(built.build());
  }

  private static List<Map<String, String>> series(
      ExportMetricsServiceRequest request, IdentifyingAttributes attributes) {
    List<Map<String, String>> series = new ArrayList<>();
    PrometheusSeries.read(
        request,
        SeriesNaming.of(request, attributes),
        (labels, kind, timeMs, startMs, value) -> series.add(labels));
    return series;
  }

  private static ExportMetricsServiceRequest request(String text) throws Exception {
    ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
    TextFormat.merge(text, request);
    return request.build();
  }

  private static ExportMetricsServiceRequest file(String name) throws Exception {
    try (InputStream in = SeriesNamingTest.class.getResourceAsStream("/otlp/" + name)) {
      return request(new String(Objects.requireNonNull(in, name).readAllBytes(), UTF_8));
    }
  }
}
