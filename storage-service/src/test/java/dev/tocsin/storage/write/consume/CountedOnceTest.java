package dev.tocsin.storage.write.consume;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import java.util.TreeMap;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** What {@code increase} says of stored series is what was counted: all of it, and once. */
final class CountedOnceTest {
  /** Of the cases, which lie close to each other. */
  private static final long CASES_MS = 1_795_999_256_623L;

  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.ofEpochMilli(CASES_MS + 3_000_000));

  private static final Offset<Double> CLOSE = Offset.offset(1e-2);

  private final CountedSamples samples = new CountedSamples(CLOCK);

  @Test
  void firstDelta_isAnIncrease() throws Exception {
    assertThat(samples.add(CountedSamples.file("m_delta_first.txtpb"))).isZero();
    assertThat(samples.value("increase(first_total[5m])", CASES_MS + 10_000)).isCloseTo(100, CLOSE);
    assertThat(samples.value("rate(first_total[5m])", CASES_MS + 10_000))
        .isCloseTo(100 / 300.0, CLOSE);
  }

  @Test
  void repeatedDelta_countsOnce_andIsCounted() throws Exception {
    ExportMetricsServiceRequest request = CountedSamples.file("m_retry_same.txtpb");
    assertThat(samples.add(request)).isZero();
    for (int i = 0; i < 4; i++) {
      assertThat(samples.add(request)).isEqualTo(1);
    }
    assertThat(samples.value("dup_total", CASES_MS + 11_000)).isEqualTo(7);
    assertThat(samples.value("dupc_total", CASES_MS + 11_000)).isEqualTo(7);
  }

  @Test
  void recordReadAgain_afterARestart_isNotTakenForARepetition() throws Exception {
    ExportMetricsServiceRequest request = CountedSamples.file("m_retry_same.txtpb");
    assertThat(samples.add(request)).isZero();
    CountedSamples fresh = new CountedSamples(CLOCK);
    fresh.restart();
    assertThat(fresh.add(request)).isZero();
    assertThat(fresh.value("dup_total", CASES_MS + 11_000)).isEqualTo(7);
  }

  @Test
  void increase_isWhatTheDeltasAddUpTo_whateverTheyAre() throws Exception {
    for (long seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      CountedSamples one = new CountedSamples(CLOCK);
      TreeMap<Long, Double> deltas = new TreeMap<>();
      long timeMs = CASES_MS;
      for (int i = 0; i < 30; i++) {
        // Now and then it is silent.
        long silentMs = random.nextInt(8) == 0 ? random.nextInt(900_000) : 0;
        long startMs = timeMs + silentMs;
        timeMs = startMs + 2_000 + random.nextInt(60_000);
        double delta = random.nextInt(10);
        deltas.put(timeMs, delta);
        assertThat(one.add(delta("c", startMs, timeMs, delta))).isZero();
        if (random.nextInt(10) == 0) {
          one.restart();
        }
      }
      for (int i = 0; i < 30; i++) {
        long endMs = CASES_MS + 300_000 + random.nextInt((int) (timeMs - CASES_MS));
        double expected =
            deltas.subMap(endMs - 300_000, false, endMs, true).values().stream()
                .mapToDouble(d -> d)
                .sum();
        double found = one.value("increase(c_total[5m])", endMs);
        Long last = deltas.floorKey(endMs);
        if (last != null && endMs - last < 290_000) {
          assertThat(found).as("seed %d, at %d", seed, endMs).isCloseTo(expected, CLOSE);
        }
      }
    }
  }

  @Test
  void newCumulativeSeries_beginsAtZero() throws Exception {
    assertThat(samples.add(cumulative(CASES_MS - 60_000, CASES_MS, 100))).isZero();
    assertThat(samples.value("c_total", CASES_MS - 60_000)).isZero();
    // As Prometheus has it of two samples, 0 and 100, a minute apart.
    assertThat(samples.value("increase(c_total[5m])", CASES_MS)).isCloseTo(100, CLOSE);
  }

  @Test
  void restartedCumulativeSeries_beginsAtZeroAgain_thoughItsTotalIsHigher() throws Exception {
    assertThat(samples.add(cumulative(CASES_MS - 600_000, CASES_MS - 60_000, 10))).isZero();
    assertThat(samples.add(cumulative(CASES_MS - 30_000, CASES_MS, 50))).isZero();
    assertThat(samples.value("resets(c_total[5m])", CASES_MS)).isEqualTo(1);
    assertThat(samples.value("increase(c_total[100s])", CASES_MS)).isGreaterThan(49);
  }

  @Test
  void startThatIsKnown_isNotTakenForAnother_afterARestartOfStorage() throws Exception {
    for (int i = 0; i < 20; i++) {
      long timeMs = CASES_MS + i * 10_000L;
      assertThat(samples.add(cumulative(CASES_MS - 5_000, timeMs, 100 + i))).isZero();
      if (i % 5 == 0) {
        samples.restart();
      }
    }
    assertThat(samples.value("resets(c_total[10m])", CASES_MS + 200_000)).isZero();
    assertThat(samples.value("count_over_time(c_total[10m])", CASES_MS + 200_000)).isEqualTo(21);
  }

  @Test
  void startThatMovesWithThePoints_isNotBelieved() throws Exception {
    for (int i = 0; i < 20; i++) {
      long timeMs = CASES_MS + i * 10_000L;
      assertThat(samples.add(cumulative(timeMs - 10_000, timeMs, 100 + i))).isZero();
      if (i % 3 == 0) {
        samples.restart();
      }
    }
    // Only the first has nothing before it.
    assertThat(samples.value("resets(c_total[10m])", CASES_MS + 200_000)).isZero();
    assertThat(samples.value("c_total", CASES_MS + 55_000)).isEqualTo(105);
  }

  @Test
  void hostsAndScopesThatAreToldApart_doNotCollide_andOthersAreNamed() throws Exception {
    assertThat(samples.add(CountedSamples.file("two_hosts.txtpb"))).isZero();
    assertThat(samples.add(CountedSamples.file("m_two_scopes.txtpb"))).isZero();
    assertThat(samples.collisions()).isEmpty();
    assertThat(samples.series()).hasSize(6);
    String other =
        """
        resource_metrics { scope_metrics { metrics { name: "%s" gauge {
          data_points { time_unix_nano: 1795999256000000000 as_double: %d } } } } }
        """;
    ExportMetricsServiceRequest colliding =
        CountedSamples.text(other.formatted("a.b", 1) + other.formatted("a_b", 2));
    assertThat(samples.add(colliding)).isZero();
    assertThat(samples.add(CountedSamples.text(other.formatted("c", 1).repeat(2)))).isZero();
    assertThat(samples.collisions())
        .singleElement()
        .satisfies(
            collision -> {
              assertThat(collision.labels()).containsEntry("__name__", "a_b");
              assertThat(collision.count()).isEqualTo(1);
            });
  }

  private static ExportMetricsServiceRequest delta(
      String name, long startMs, long timeMs, double value) throws Exception {
    return sum(name, 1, startMs, timeMs, value);
  }

  private static ExportMetricsServiceRequest cumulative(long startMs, long timeMs, double value)
      throws Exception {
    return sum("c", 2, startMs, timeMs, value);
  }

  private static ExportMetricsServiceRequest sum(
      String name, int temporality, long startMs, long timeMs, double value) throws Exception {
    return CountedSamples.text(
        """
        resource_metrics { scope_metrics { metrics { name: "%s" sum {
          aggregation_temporality: %d is_monotonic: true
          data_points { start_time_unix_nano: %d time_unix_nano: %d as_double: %s } } } } }
        """
            .formatted(name, temporality, startMs * 1_000_000, timeMs * 1_000_000, value));
  }
}
