package dev.tocsin.alert.evaluate.consume;

import dev.tocsin.testkit.sim.Simulations;
import org.junit.jupiter.api.Test;

/** Some seeds of evaluation's simulation; {@link EvaluateSimulationProgram} runs many. */
class EvaluateSimulationTest {
  private static final int SEEDS = 25;

  @Test
  void alerts_fireInTimeAndDoNotEndBeforeTheirTime_whateverFails() {
    Simulations.check("evaluate", SEEDS, EvaluateSimulation::run);
  }
}
