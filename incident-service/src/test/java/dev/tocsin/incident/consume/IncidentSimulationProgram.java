package dev.tocsin.incident.consume;

import dev.tocsin.testkit.sim.Simulations;

/** Runs the simulation of taking alerts in for many seeds: {@code [count [first seed]]}. */
final class IncidentSimulationProgram {
  private IncidentSimulationProgram() {}

  public static void main(String[] arguments) {
    System.exit(Math.min(1, Simulations.program("incident", arguments, IncidentSimulation::run)));
  }
}
