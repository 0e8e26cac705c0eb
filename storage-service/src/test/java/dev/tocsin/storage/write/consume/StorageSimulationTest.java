package dev.tocsin.storage.write.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.testkit.sim.Simulations;
import dev.tocsin.testkit.sim.Trace;
import org.junit.jupiter.api.Test;

/** Some seeds of storage's simulation; {@link StorageSimulationProgram} runs many. */
final class StorageSimulationTest {
  private static final int SEEDS = 50;

  @Test
  void storage_losesNoItemAndStoresNoneTwice_whateverFails() {
    Simulations.check("storage", SEEDS, StorageSimulation::run);
  }

  @Test
  void seed_isOneCourseOfEvents() {
    for (long seed = 1; seed <= 6; seed++) {
      Trace once = StorageSimulation.run(seed).trace();
      Trace again = StorageSimulation.run(seed).trace();
      assertThat(again.lines()).isEqualTo(once.lines()).isGreaterThan(50);
      assertThat(again.hash()).isEqualTo(once.hash());
    }
  }
}
