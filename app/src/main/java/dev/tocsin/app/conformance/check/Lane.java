package dev.tocsin.app.conformance.check;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** One signal over one wire. */
public record Lane(Wire wire, Telemetry signal) {

  /** Every wire with the three stable signals and profiles. */
  public static List<Lane> all() {
    return of(EnumSet.allOf(Wire.class), EnumSet.allOf(Telemetry.class));
  }

  /** Every wire with the three stable signals. */
  public static List<Lane> stable() {
    return of(EnumSet.allOf(Wire.class), EnumSet.complementOf(EnumSet.of(Telemetry.PROFILES)));
  }

  /** The stable signals over these wires. */
  public static List<Lane> stable(Wire... wires) {
    return stable().stream().filter(lane -> Arrays.asList(wires).contains(lane.wire)).toList();
  }

  /** All signals over these wires. */
  public static List<Lane> all(Wire... wires) {
    return all().stream().filter(lane -> Arrays.asList(wires).contains(lane.wire)).toList();
  }

  /** One signal over every wire. */
  public static List<Lane> each(Telemetry signal) {
    return of(EnumSet.allOf(Wire.class), EnumSet.of(signal));
  }

  public static List<Lane> one(Wire wire, Telemetry signal) {
    return List.of(new Lane(wire, signal));
  }

  private static List<Lane> of(Set<Wire> wires, Set<Telemetry> signals) {
    return wires.stream().flatMap(w -> signals.stream().map(s -> new Lane(w, s))).toList();
  }

  public String label() {
    return wire.label() + " " + signal.label();
  }
}
