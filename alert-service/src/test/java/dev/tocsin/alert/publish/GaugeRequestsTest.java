package dev.tocsin.alert.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.alert.ports.GaugeSample;
import dev.tocsin.promql.series.Labels;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GaugeRequestsTest {
  @Test
  void thousandSeriesOfLongLabels_becomeManySmallRecords_andNoneIsLost() throws Exception {
    List<GaugeSample> samples = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      Labels labels = Labels.of("__name__", "r", "i", "" + i, "long", "x".repeat(20_000));
      samples.add(new GaugeSample(labels, 1_700_000_000_000L, i));
    }
    assertAllInBoundedRecords(samples, 1_000);
  }

  @Test
  void recordsStayBelowTheirSize_howeverOddTheSeriesAre() throws Exception {
    Random random = new Random(42);
    for (int round = 0; round < 5; round++) {
      List<GaugeSample> samples = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        Labels.Builder labels =
            Labels.builder()
                .put("__name__", "m" + "y".repeat(random.nextInt(3_000)) + random.nextInt(300))
                .put("i", "" + i);
        for (int l = random.nextInt(20); l > 0; l--) {
          labels.put("l" + l, "\u00e4".repeat(random.nextInt(1_000)));
        }
        samples.add(new GaugeSample(labels.build(), i, i));
      }
      assertAllInBoundedRecords(samples, 200);
    }
  }

  private static void assertAllInBoundedRecords(List<GaugeSample> samples, int points)
      throws Exception {
    int found = 0;
    for (Map.Entry<Integer, List<byte[]>> partition : GaugeRequests.encode(samples, 3).entrySet()) {
      for (byte[] value : partition.getValue()) {
        assertThat(value.length).isLessThanOrEqualTo(GaugeRequests.BYTES_MAX + 1_024);
        for (var metric :
            ExportMetricsServiceRequest.parseFrom(value)
                .getResourceMetrics(0)
                .getScopeMetrics(0)
                .getMetricsList()) {
          found += metric.getGauge().getDataPointsCount();
        }
      }
    }
    assertThat(found).isEqualTo(points);
  }
}
