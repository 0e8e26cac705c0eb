package dev.tocsin.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class FaultScheduleTest {
  private final FaultSchedule schedule =
      new FaultSchedule(Duration.ofSeconds(60), Duration.ofMinutes(5), Duration.ofSeconds(90));

  private Optional<Fault> at(long seconds) {
    return schedule.at(Duration.ofSeconds(seconds));
  }

  @Test
  void schedule_leavesTheShopAlone_atFirst() {
    assertThat(at(0)).isEmpty();
    assertThat(at(59)).isEmpty();
  }

  @Test
  void schedule_endsAFault_whenItHasLasted() {
    assertThat(at(60)).contains(Fault.PAYMENT_GATEWAY);
    assertThat(at(149)).contains(Fault.PAYMENT_GATEWAY);
    assertThat(at(150)).isEmpty();
  }

  @Test
  void schedule_takesTheFaultsInTurn() {
    assertThat(at(360)).contains(Fault.INVENTORY_LOCKS);
    assertThat(at(660)).contains(Fault.PAYMENT_GATEWAY);
  }
}
