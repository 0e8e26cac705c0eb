package dev.tocsin.alert.derive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.otlp.prometheus.PrometheusSeries;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DerivedRequestsTest {
  private static final long NOW = 1_700_000_000_000L;
  private static final String CALLS = "traces_span_metrics_calls_total";

  private static ExportMetricsServiceRequest parse(byte[] request) {
    try {
      return ExportMetricsServiceRequest.parseFrom(request);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void requests_areCutBySize_andHoldEverythingOnce() {
    RedBatch batch = new RedBatch(64 << 20);
    String widest = "\uD83D\uDD14".repeat(BoundedName.CODE_POINTS_MAX - 5);
    int series = 3_000;
    for (int i = 0; i < series; i++) {
      batch.add(new SpanFact(widest, widest + i, 2, 0, 0.1));
    }
    DerivedRequests requests = new DerivedRequests(2, NOW - 200, NOW);
    requests.add(batch);
    for (int i = 0; i < series; i++) {
      requests.add(new Heartbeats.Beat(widest, widest + i));
    }
    requests.addOwnHeartbeat("w-0");

    Map<String, Double> sums = new HashMap<>();
    Map<Integer, List<byte[]>> encoded = requests.encode();
    assertThat(encoded).hasSize(2);
    for (List<byte[]> values : encoded.values()) {
      assertThat(values).hasSizeGreaterThan(5);
      for (byte[] value : values) {
        assertThat(value.length).isLessThan(DerivedRequests.RECORD_BYTES_MAX * 5 / 4);
        PrometheusSeries.read(
            parse(value),
            (labels, kind, timeMs, startMs, amount) ->
                sums.merge(labels.getOrDefault("__name__", ""), amount, Double::sum));
      }
    }
    assertThat(sums)
        .containsEntry(CALLS, (double) series)
        .containsEntry("traces_span_metrics_duration_seconds_count", (double) series)
        .containsEntry("tocsin_heartbeat_total", (double) series)
        .containsEntry("tocsin_derive_heartbeat_total", 1.0);
  }

  @Test
  void deltas_neverEndBeforeTheyBegin_whenTheClockIsSetBack() {
    DerivedRequests requests = new DerivedRequests(1, NOW, NOW - 3_600_000);
    requests.add(new Heartbeats.Beat("shop", "i"));
    PrometheusSeries.read(
        parse(requests.encode().get(0).get(0)),
        (labels, kind, timeMs, startMs, value) -> {
          assertThat(timeMs).isEqualTo(NOW - 3_600_000);
          assertThat(startMs).isEqualTo(timeMs);
        });
  }

  /** Where a series is must not change with processes, machines or releases. */
  @Test
  void partition_dependsOnTheNamesOnly() {
    assertThat(new RedBatch.Key("shop", "GET /x", 2, 1).seriesHash()).isEqualTo(501631004);
    assertThat(new RedBatch.Key("", "", 0, 0).seriesHash()).isZero();
    assertThat(new Heartbeats.Beat("eu/shop", "i-1").seriesHash()).isEqualTo(2143986040);
  }

  @Test
  void batch_keepsTotals_whenNamesHaveNoRoom() {
    RedBatch batch = new RedBatch(10_000);
    for (int i = 0; i < 1_000; i++) {
      batch.add(new SpanFact("shop", "name" + i, i % 2, 0, 0.25));
      batch.add(new SpanFact("shop", "name0", 0, 0, 0.25));
    }
    RedBatch all = new RedBatch(5_000);
    all.addAll(batch);
    all.addAll(batch);
    long[] calls = new long[1];
    double[] seconds = new double[1];
    int[] series = new int[1];
    all.forEach(
        (key, counts) -> {
          calls[0] += counts.calls();
          seconds[0] += counts.seconds();
          series[0]++;
        });
    assertThat(calls[0]).isEqualTo(4_000).isEqualTo(all.calls());
    assertThat(seconds[0]).isCloseTo(1_000, within(1e-6));
    assertThat(series[0]).isBetween(5, 12);
    assertThat(all.bytes()).isLessThanOrEqualTo(10_000);
    assertThat(batch.overflows()).isBetween(980L, 999L);
    assertThat(all.overflows()).isBetween(2 * batch.overflows(), 2 * 999L);
  }
}
