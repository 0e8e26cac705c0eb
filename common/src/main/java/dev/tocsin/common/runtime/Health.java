package dev.tocsin.common.runtime;

import java.util.ArrayList;
import java.util.List;

/**
 * What a component says of itself. Degraded means it works on, or will again without help, but
 * somebody should know; unhealthy means only a restart or a person can mend it.
 */
public sealed interface Health {

  static Health healthy() {
    return new Healthy(List.of());
  }

  /** Healthy, with something a person who looks should know. */
  static Health noted(String note) {
    return new Healthy(List.of(note));
  }

  /** One sentence an issue; empty when healthy. */
  List<String> issues();

  /** What is worth knowing although nothing is wrong here, one sentence each. */
  default List<String> notes() {
    return List.of();
  }

  /** The state as it stands in {@code /health} bodies: Healthy, Degraded or Unhealthy. */
  default String state() {
    return getClass().getSimpleName();
  }

  static Health degraded(String issue) {
    return new Degraded(List.of(issue));
  }

  static Health unhealthy(String issue) {
    return new Unhealthy(List.of(issue));
  }

  /** The worse state of the two with the issues of both; only the healthy have notes. */
  default Health and(Health other) {
    if (this instanceof Healthy && other instanceof Healthy) {
      return new Healthy(joined(notes(), other.notes()));
    }
    if (this instanceof Healthy) {
      return other;
    }
    if (other instanceof Healthy) {
      return this;
    }
    List<String> all = joined(issues(), other.issues());
    return this instanceof Unhealthy || other instanceof Unhealthy
        ? new Unhealthy(all)
        : new Degraded(all);
  }

  private static List<String> joined(List<String> some, List<String> more) {
    List<String> all = new ArrayList<>(some);
    all.addAll(more);
    return List.copyOf(all);
  }

  /** Nothing is wrong. */
  record Healthy(List<String> notes) implements Health {
    @Override
    public List<String> issues() {
      return List.of();
    }
  }

  /** Working with loss of comfort, or waiting for a dependency. */
  record Degraded(List<String> issues) implements Health {}

  /** Broken until somebody acts. */
  record Unhealthy(List<String> issues) implements Health {}
}
