package dev.tocsin.storage.ports;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class MeasuresTest {
  private static final Offset<Double> EXACTLY = Assertions.within(1e-12);

  private static Measures of(long errors, double nanos, int bucket, long calls) {
    Long[] buckets = Collections.nCopies(16, 0L).toArray(Long[]::new);
    buckets[bucket] = calls;
    return new Measures(calls, errors, nanos, List.of(buckets), 60, 0);
  }

  /** A quantile of two halves is no mean of their quantiles. */
  @Test
  void quantiles_areOfTheSum_whenMeasuresAreAddedUp() {
    Measures fast = of(1, 90e6, 3, 90);
    Measures slow = of(2, 20e9, 10, 10);
    Measures both = fast.and(slow);
    assertThat(both.calls()).isEqualTo(100);
    assertThat(both.errorRatio()).isCloseTo(0.03, EXACTLY);
    assertThat(both.callsPerSecond()).isCloseTo(100 / 60.0, EXACTLY);
    assertThat(both.meanSeconds()).isCloseTo(0.2009, EXACTLY);
    assertThat(both.p50Seconds()).isCloseTo(0.005 + 0.005 * 50 / 90, EXACTLY);
    assertThat(both.p95Seconds()).isCloseTo(1.75, EXACTLY);
  }

  @Test
  void longestCalls_countAsAMinute_andNoCallsAsNothing() {
    assertThat(of(0, 1e12, 15, 4).p99Seconds()).isEqualTo(60);
    Measures none = of(0, 0, 0, 0);
    assertThat(none.p99Seconds()).isZero();
    assertThat(none.meanSeconds()).isZero();
  }
}
