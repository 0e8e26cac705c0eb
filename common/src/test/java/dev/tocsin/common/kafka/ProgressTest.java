package dev.tocsin.common.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.runtime.Health;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private static final TopicPartition ALERTS = new TopicPartition("tocsin.alerts", 3);

  private final Progress progress = new Progress();

  private static long at(long second) {
    return TimeUnit.SECONDS.toNanos(second);
  }

  /** A look and one step: what is in Kafka, and what of it is done with. */
  private Health after(long second, long end, long durable) {
    progress.ends(Map.of(ALERTS, end), at(second));
    progress.durable(ALERTS, durable, at(second));
    return progress.check("alert-consumer", at(second));
  }

  @Test
  void late_isDegraded_thoughItMoves_untilItHasCaughtUp() {
    progress.begun(ALERTS, 0, true, at(0));
    for (int second = 0; second <= 30; second += 5) {
      assertThat(after(second, 100 + 20 * second, 1 + second)).isEqualTo(Health.healthy());
    }
    assertThat(after(35, 800, 36))
        .isEqualTo(
            Health.degraded(
                "alert-consumer: records of tocsin.alerts-3 are taken in 35 s late: 764 wait"));
    // What came in at 5 s is next, then what came in at 30 s.
    assertThat(after(40, 900, 100).issues().toString()).contains("35 s late: 800 wait");
    assertThat(after(45, 1_000, 650)).isEqualTo(Health.healthy());
    assertThat(after(60, 1_000, 1_000)).isEqualTo(Health.healthy());
  }

  @Test
  void lateness_isTheWorstOfEachPartition_andGoesWithIt() {
    TopicPartition other = new TopicPartition("tocsin.alerts", 4);
    progress.begun(ALERTS, 0, true, at(0));
    progress.begun(other, 0, true, at(0));
    for (int second = 0; second <= 40; second += 10) {
      progress.ends(Map.of(ALERTS, 100L, other, 10L + second), at(second));
      progress.durable(ALERTS, 1 + second, at(second));
      progress.durable(other, 9L + second, at(second));
    }
    assertThat(progress.check("alert-consumer", at(40)).issues())
        .containsExactly(
            "alert-consumer: records of tocsin.alerts-3 are taken in 40 s late: 59 wait");
    progress.begun(ALERTS, 41, true, at(41));
    assertThat(progress.check("alert-consumer", at(42))).isEqualTo(Health.healthy());
  }

  @Test
  void nothingIsLate_whenItTurnsOutToBeStored() {
    progress.begun(ALERTS, 0, true, at(0));
    after(0, 10, 1);
    progress.begun(ALERTS, 10, false, at(5));
    assertThat(after(60, 10, 10)).isEqualTo(Health.healthy());
  }

  @Test
  void nothingIsLate_thatKafkaHasLost() {
    progress.begun(ALERTS, 0, true, at(0));
    after(0, 10, 1);
    assertThat(after(60, 1, 1)).isEqualTo(Health.healthy());
  }

  @Test
  void memory_isBounded_whenItIsLateForLong() {
    progress.begun(ALERTS, 0, true, at(0));
    for (int second = 0; second < 100_000; second += 5) {
      after(second, 10L + second, 1L + second / 1_000);
    }
    assertThat(after(100_000, 200_000, 200).issues().toString()).contains("99805 s late");
    assertThat(after(100_005, 200_000, 199_999)).isEqualTo(Health.healthy());
  }
}
