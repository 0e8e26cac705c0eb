package dev.tocsin.testkit.sim;

/** Runs the kernel's simulation for many seeds: {@code [count [first seed]]}. */
final class KernelSimulationProgram {
  private KernelSimulationProgram() {}

  public static void main(String[] arguments) {
    System.exit(Math.min(1, Simulations.program("kernel", arguments, KernelSimulation::run)));
  }
}
