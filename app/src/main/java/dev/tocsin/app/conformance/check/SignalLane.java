package dev.tocsin.app.conformance.check;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** One signal over one wire. */
public record SignalLane(Transport wire, Telemetry signal) {

  /** Every wire with the three stable signals and profiles. */
  public static List<SignalLane> all() {
    return of(EnumSet.allOf(Transport.class), EnumSet.allOf(Telemetry.class));
  }

  /** Every wire with the three stable signals. */
  public static List<SignalLane> stable() {
    return of(EnumSet.allOf(Transport.class), EnumSet.complementOf(EnumSet.of(Telemetry.PROFILES)));
  }

  /** The stable signals over these wires. */
  public static List<SignalLane> stable(Transport... wires) {
    return stable().stream().filter(lane -> Arrays.asList(wires).contains(lane.wire)).toList();
  }

  /** All signals over these wires. */
  public static List<SignalLane> all(Transport... wires) {
    return all().stream().filter(lane -> Arrays.asList(wires).contains(lane.wire)).toList();
  }

  /** One signal over every wire. */
  public static List<SignalLane> each(Telemetry signal) {
    return of(EnumSet.allOf(Transport.class), EnumSet.of(signal));
  }

  public static List<SignalLane> one(Transport wire, Telemetry signal) {
    return List.of(new SignalLane(wire, signal));
  }

  private static List<SignalLane> of(Set<Transport> wires, Set<Telemetry> signals) {
    return wires.stream().flatMap(w -> signals.stream().map(s -> new SignalLane(w, s))).toList();
  }

  public String label() {
    return wire.label() + " " + signal.label();
  }
}
