package dev.tocsin.alert.derive;

import dev.tocsin.testkit.sim.Simulations;

/** Runs derive's simulation for many seeds: {@code [count [first seed]]}. */
final class DeriveSimulationProgram {
  private DeriveSimulationProgram() {}

  public static void main(String[] arguments) {
    System.exit(Math.min(1, Simulations.program("derive", arguments, DeriveSimulation::run)));
  }
}
