package dev.tocsin.incident.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {
  private final RetryPolicy policy = new RetryPolicy(Duration.ofHours(24));

  @Test
  void waits_growToAMinute() {
    assertThat(
            IntStream.rangeClosed(1, 9)
                .mapToObj(n -> policy.next(n, Duration.ZERO, Duration.ZERO).orElseThrow())
                .map(Duration::toSeconds))
        .containsExactly(0L, 1L, 2L, 5L, 10L, 30L, 60L, 60L, 60L);
  }

  @Test
  void wait_isWhatTheProviderAsksFor_withinAnHour() {
    assertThat(policy.next(1, Duration.ofSeconds(45), Duration.ZERO))
        .contains(Duration.ofSeconds(45));
    assertThat(policy.next(7, Duration.ofSeconds(45), Duration.ZERO))
        .contains(Duration.ofSeconds(60));
    assertThat(policy.next(1, Duration.ofDays(9), Duration.ZERO)).contains(Duration.ofHours(1));
  }

  @Test
  void refusal_isTriedForAQuarterOfAnHour() {
    assertThat(policy.afterRefusal(1, Duration.ZERO)).contains(Duration.ZERO);
    assertThat(policy.afterRefusal(20, Duration.ofMinutes(14))).contains(Duration.ofMinutes(1));
    assertThat(policy.afterRefusal(20, Duration.ofMinutes(15))).isEmpty();
    // It had waited for hours before it was tried at all.
    assertThat(policy.afterRefusal(2, Duration.ofHours(5))).contains(Duration.ofSeconds(1));
    assertThat(policy.afterRefusal(2, Duration.ofHours(25))).isEmpty();
  }

  @Test
  void notification_isGivenUp_whenTooOld() {
    assertThat(policy.next(7, Duration.ZERO, Duration.ofHours(24))).isEqualTo(Optional.empty());
    assertThat(policy.next(7, Duration.ZERO, Duration.ofHours(23))).isPresent();
  }
}
