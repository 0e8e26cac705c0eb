package dev.tocsin.alert.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.testkit.sim.Simulations;
import org.junit.jupiter.api.Test;

/** Some seeds of evaluation's simulation; {@link EvaluateSimulationProgram} runs many. */
class EvaluateSimulationTest {
  private static final int SEEDS = 20;

  @Test
  void alerts_fireInTimeAndDoNotEndBeforeTheirTime_whateverFails() {
    Simulations.check("evaluate", SEEDS, EvaluateSimulation::run);
  }

  @Test
  void seed_isOneCourseOfEvents() {
    long hash = EvaluateSimulation.run(1).trace().hash();
    assertThat(EvaluateSimulation.run(1).trace().hash()).isEqualTo(hash);
    assertThat(EvaluateSimulation.run(2).trace().hash()).isNotEqualTo(hash);
  }
}
