package dev.tocsin.storage.write.consume;

import dev.tocsin.testkit.sim.Simulations;

/** Runs storage's simulation for many seeds: {@code [count [first seed]]}. */
final class StorageSimulationProgram {
  private StorageSimulationProgram() {}

  public static void main(String[] arguments) {
    System.exit(Math.min(1, Simulations.program("storage", arguments, StorageSimulation::run)));
  }
}
