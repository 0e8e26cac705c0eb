package dev.tocsin.alert.simulation;

import dev.tocsin.testkit.sim.Simulations;

/** Runs evaluation's simulation for many seeds: {@code [count [first seed]]}. */
final class EvaluateSimulationProgram {
  private EvaluateSimulationProgram() {}

  public static void main(String[] arguments) {
    System.exit(Math.min(1, Simulations.program("evaluate", arguments, EvaluateSimulation::run)));
  }
}
