package dev.tocsin.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void lanes_shareTheRequests_atFixedTimes() {
    List<Schedule> lanes =
        List.of(new Schedule(7, 10 * SECOND, 3, 0, 2), new Schedule(7, 10 * SECOND, 3, 1, 2));
    long[] due =
        LongStream.range(0, 6)
            .map(i -> lanes.get((int) i % 2).dueNanos(i / 2, 999 * SECOND))
            .toArray();
    // A third of a second apart, and no drift by rounding.
    assertThat(due)
        .containsExactly(
            7, 7 + 333_333_333, 7 + 666_666_667, 7 + SECOND, 7 + 1_333_333_333, 7 + 1_666_666_667);
    assertThat(lanes.get(1).sequence(2)).isEqualTo(5);
  }

  @Test
  void closedLoop_isDueWhenThereIsRoom() {
    assertThat(new Schedule(7, 10 * SECOND, 0, 1, 2).dueNanos(1_000, 42)).isEqualTo(42);
  }
}
