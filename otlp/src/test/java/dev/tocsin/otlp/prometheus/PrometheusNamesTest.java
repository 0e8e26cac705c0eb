package dev.tocsin.otlp.prometheus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.otlp.prometheus.PrometheusNames.Kind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrometheusNamesTest {

  @ParameterizedTest
  @CsvSource({
    "http.server.request.duration, s, OTHER, http_server_request_duration_seconds",
    "system.io, By/s, GAUGE, system_io_bytes_per_second",
    "requests, '', MONOTONIC_SUM, requests_total",
    "total.requests, 1, MONOTONIC_SUM, requests_total",
    "cpu.utilization, 1, GAUGE, cpu_utilization_ratio",
    "queue.length, {messages}, GAUGE, queue_length",
    "memory.usage.bytes, By, GAUGE, memory_usage_bytes",
    "a..b__c, '', GAUGE, a_b_c",
    "3d.render, '', GAUGE, _3d_render",
    "speed, m/s, GAUGE, speed_meters_per_second",
  })
  void metric_getsPrometheusName(String name, String unit, Kind kind, String expected) {
    assertThat(PrometheusNames.metric(name, unit, kind)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "http.route, http_route",
    "1st, key_1st",
    "_private, key_private",
    "__name, __name",
    "a-b, a_b",
    "gr\u00f6\u00dfe, gr__e",
    "x\uD83D\uDE00y, x_y"
  })
  void label_getsPrometheusName(String key, String expected) {
    assertThat(PrometheusNames.label(key)).isEqualTo(expected);
  }
}
