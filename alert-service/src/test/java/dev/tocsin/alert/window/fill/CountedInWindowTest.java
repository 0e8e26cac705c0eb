package dev.tocsin.alert.window.fill;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import dev.tocsin.alert.window.LiveWindow;
import dev.tocsin.alert.window.Selection;
import dev.tocsin.alert.window.UpTracker;
import dev.tocsin.alert.window.WindowLimits;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.Verdict;
import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import dev.tocsin.promql.PromqlEngine;
import dev.tocsin.promql.PromqlParser;
import dev.tocsin.promql.engine.EngineOptions;
import dev.tocsin.promql.engine.QueryContext;
import dev.tocsin.promql.series.Value;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import java.io.InputStream;
import java.time.Instant;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** As {@code CountedOnceTest} of storage: both hold the same law, so that both say the same. */
final class CountedInWindowTest {
  private static final long CASES_MS = 1_795_999_256_623L;
  private static final Offset<Double> CLOSE = Offset.offset(1e-2);

  private final LiveWindow window =
      new LiveWindow(new WindowLimits(100, 100_000, 1 << 20, 1_000, 300_000, 86_400_000));
  private final SampleWork work =
      new SampleWork(
          new SampleWork.WindowState(
              new SampleFeed(),
              window,
              new UpTracker(150_000, 3_600_000, 0, 15_000, 100),
              () -> Instant.ofEpochMilli(CASES_MS),
              () -> 0,
              3_600_000,
              IdentifyingAttributes.DEFAULT));
  private long offset;

  private void select() {
    Selection all =
        Selection.of(
            Set.of(
                PromqlParser.parseSelector("first_total"),
                PromqlParser.parseSelector("dup_total"),
                PromqlParser.parseSelector("c_total")),
            3_600_000);
    window.reset(all, CASES_MS - 3_600_000);
  }

  @Test
  void firstDelta_isAnIncrease() throws Exception {
    select();
    take(Topic.METRICS, file("m_delta_first.txtpb"));
    assertThat(value("increase(first_total[5m])", CASES_MS + 10_000)).isCloseTo(100, CLOSE);
    assertThat(value("rate(first_total[5m])", CASES_MS + 10_000)).isCloseTo(100 / 300.0, CLOSE);
  }

  @Test
  void repeatedDelta_countsOnce_andIsCounted() throws Exception {
    select();
    for (int i = 0; i < 5; i++) {
      take(Topic.METRICS, file("m_retry_same.txtpb"));
    }
    assertThat(value("dup_total", CASES_MS + 11_000)).isEqualTo(7);
    assertThat(window.repeated()).isEqualTo(4);
    // What is put in again after the window was emptied is no repetition.
    select();
    take(Topic.METRICS, file("m_retry_same.txtpb"));
    assertThat(value("dup_total", CASES_MS + 11_000)).isEqualTo(7);
  }

  @Test
  void derivedDeltas_areAllCounted_forWorkersMayCountTheSame() throws Exception {
    select();
    take(Topic.DERIVED, file("m_retry_same.txtpb"));
    take(Topic.DERIVED, file("m_retry_same.txtpb"));
    assertThat(value("dup_total", CASES_MS + 11_000)).isEqualTo(14);
  }

  @Test
  void increase_isWhatTheDeltasAddUpTo_whateverTheyAre() throws Exception {
    for (long seed = 0; seed < 200; seed++) {
      select();
      Random random = new Random(seed);
      TreeMap<Long, Double> deltas = new TreeMap<>();
      long timeMs = CASES_MS;
      for (int i = 0; i < 30; i++) {
        long silentMs = random.nextInt(8) == 0 ? random.nextInt(900_000) : 0;
        long startMs = timeMs + silentMs;
        timeMs = startMs + 2_000 + random.nextInt(60_000);
        double delta = random.nextInt(10);
        deltas.put(timeMs, delta);
        take(Topic.METRICS, delta(startMs, timeMs, delta));
      }
      for (int i = 0; i < 30; i++) {
        long endMs = CASES_MS + 300_000 + random.nextInt((int) (timeMs - CASES_MS));
        double expected =
            deltas.subMap(endMs - 300_000, false, endMs, true).values().stream()
                .mapToDouble(d -> d)
                .sum();
        Long last = deltas.floorKey(endMs);
        if (last != null && endMs - last < 290_000) {
          assertThat(value("increase(c_total[5m])", endMs))
              .as("seed %d, at %d", seed, endMs)
              .isCloseTo(expected, CLOSE);
        }
      }
    }
  }

  private void take(Topic topic, ExportMetricsServiceRequest request) {
    Verdict verdict =
        work.take(
            new ConsumerRecord<>(topic.name(), 0, offset++, new byte[0], request.toByteArray()));
    assertThat(verdict).isEqualTo(Verdict.TAKEN);
  }

  private double value(String query, long timeMs) {
    Value.InstantVector vector =
        window.reading(
            () ->
                (Value.InstantVector)
                    new PromqlEngine(EngineOptions.defaults())
                        .instant(window, query, timeMs, QueryContext.create())
                        .value());
    return vector.samples().isEmpty() ? Double.NaN : vector.samples().get(0).value();
  }

  private static ExportMetricsServiceRequest delta(long startMs, long timeMs, double value)
      throws Exception {
    return text(
        """
        resource_metrics { scope_metrics { metrics { name: "c" sum {
          aggregation_temporality: 1 is_monotonic: true
          data_points { start_time_unix_nano: %d time_unix_nano: %d as_double: %s } } } } }
        """
            .formatted(startMs * 1_000_000, timeMs * 1_000_000, value));
  }

  private static ExportMetricsServiceRequest file(String name) throws Exception {
    try (InputStream in = CountedInWindowTest.class.getResourceAsStream("/otlp/" + name)) {
      return text(new String(Objects.requireNonNull(in, name).readAllBytes(), UTF_8));
    }
  }

  private static ExportMetricsServiceRequest text(String text) throws Exception {
    ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
    TextFormat.merge(text, request);
    return request.build();
  }
}
