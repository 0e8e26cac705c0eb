package dev.tocsin.ingest.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RateTest {
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final long MS = Duration.ofMillis(1).toNanos();

  /** Also where the clock's value wraps around. */
  @ParameterizedTest
  @ValueSource(longs = {0, Long.MAX_VALUE - 1, Long.MIN_VALUE, -5})
  void bucket_grantsItsBurst_thenItsRate_andSaysExactlyWhen(long start) {
    Rate rate = Rate.of(1_000, MINUTE, 100, start);
    for (int i = 0; i < 100; i++) {
      assertThat(rate.take(1, start)).isZero();
    }
    assertThat(rate.take(1, start)).isEqualTo(60 * MS);
    assertThat(rate.take(1, start + 59 * MS)).isEqualTo(MS);
    assertThat(rate.take(1, start + 60 * MS)).isZero();
    assertThat(rate.take(1, start + 60 * MS)).isEqualTo(60 * MS);
  }

  @Test
  void bucket_grantsTheRateOverTime_andNoMore() {
    Rate rate = Rate.of(1_000, MINUTE, 100, 0);
    int granted = 0;
    for (long now = 0; now < 10 * MINUTE; now += 7 * MS) {
      granted += rate.take(1, now) == 0 ? 1 : 0;
    }
    assertThat(granted).isBetween(100 + 9_999, 100 + 10_000);
  }

  @Test
  void charge_mayOwe_andTheDebtIsPaidByTime() {
    Rate rate = Rate.of(1_000, SECOND, 500, 0);
    assertThat(rate.untilPositive(0)).isZero();
    rate.charge(2_500, 0);
    assertThat(rate.untilPositive(0)).isEqualTo(2 * SECOND + 1);
    assertThat(rate.untilPositive(2 * SECOND)).isEqualTo(1);
    assertThat(rate.untilPositive(2 * SECOND + 1)).isZero();
  }

  @Test
  void noLimit_grantsEverything() {
    Rate rate = Rate.of(0, SECOND, 0, 0);
    rate.charge(Integer.MAX_VALUE, 0);
    assertThat(rate.untilPositive(0)).isZero();
    assertThat(rate.take(1, 0)).isZero();
  }
}
