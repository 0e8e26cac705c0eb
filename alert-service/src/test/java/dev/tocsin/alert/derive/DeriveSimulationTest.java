package dev.tocsin.alert.derive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.testkit.sim.Simulations;
import org.junit.jupiter.api.Test;

/** Some seeds of derive's simulation; {@link DeriveSimulationProgram} runs many. */
class DeriveSimulationTest {
  private static final int SEEDS = 50;

  @Test
  void derive_countsEachRecordOnce_whateverFails() {
    Simulations.check("derive", SEEDS, DeriveSimulation::run);
  }

  @Test
  void seed_isOneCourseOfEvents() {
    long hash = DeriveSimulation.run(1).trace().hash();
    assertThat(DeriveSimulation.run(1).trace().hash()).isEqualTo(hash);
    assertThat(DeriveSimulation.run(2).trace().hash()).isNotEqualTo(hash);
  }
}
