package dev.tocsin.testkit.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Some seeds of the kernel's simulation; {@link KernelSimulationProgram} runs many. */
class KernelSimulationTest {
  private static final int SEEDS = 100;

  @Test
  void kernel_losesNoRecordAndUsesNoneTwice_whateverFails() {
    Simulations.check("kernel", SEEDS, KernelSimulation::run);
  }

  @Test
  void seed_isOneCourseOfEvents() {
    for (long seed = 1; seed <= 5; seed++) {
      Trace once = KernelSimulation.run(seed).trace();
      Trace again = KernelSimulation.run(seed).trace();
      assertThat(again.lines()).isEqualTo(once.lines()).isGreaterThan(50);
      assertThat(again.hash()).isEqualTo(once.hash());
    }
    assertThat(KernelSimulation.run(1).trace().hash())
        .isNotEqualTo(KernelSimulation.run(2).trace().hash());
  }
}
