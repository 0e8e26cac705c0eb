package dev.tocsin.alert.derive;

import dev.tocsin.testkit.sim.Simulations;
import org.junit.jupiter.api.Test;

/** Some seeds of derive's simulation; {@link DeriveSimulationProgram} runs many. */
class DeriveSimulationTest {
  private static final int SEEDS = 50;

  @Test
  void derive_countsEachRecordOnce_whateverFails() {
    Simulations.check("derive", SEEDS, DeriveSimulation::run);
  }
}
