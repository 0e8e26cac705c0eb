package dev.tocsin.incident.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.testkit.sim.Simulations;
import dev.tocsin.testkit.sim.Trace;
import org.junit.jupiter.api.Test;

/** Some seeds of the simulation; {@link IncidentSimulationProgram} runs many. */
final class IncidentSimulationTest {
  private static final int SEEDS = 50;

  @Test
  void alerts_openAndEndTheirIncidentsOnce_whateverFails() {
    Simulations.check("incident", SEEDS, IncidentSimulation::run);
  }

  @Test
  void seed_isOneCourseOfEvents() {
    for (long seed = 1; seed <= 6; seed++) {
      Trace once = IncidentSimulation.run(seed).trace();
      Trace again = IncidentSimulation.run(seed).trace();
      assertThat(again.lines()).isEqualTo(once.lines()).isGreaterThan(50);
      assertThat(again.hash()).isEqualTo(once.hash());
    }
  }
}
