package dev.tocsin.common.runtime;

import java.util.ArrayList;
import java.util.List;

/**
 * What a component says of itself. Degraded means it works on, or will again without help, but
 * somebody should know; unhealthy means only a restart or a person can mend it.
 */
public sealed interface Health {

  static Health healthy() {
    return new Healthy();
  }

  /** One sentence an issue; empty when healthy. */
  List<String> issues();

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

  /** The worse state of the two with the issues of both. */
  default Health and(Health other) {
    if (this instanceof Healthy) {
      return other;
    }
    if (other instanceof Healthy) {
      return this;
    }
    List<String> all = new ArrayList<>(issues());
    all.addAll(other.issues());
    return this instanceof Unhealthy || other instanceof Unhealthy
        ? new Unhealthy(List.copyOf(all))
        : new Degraded(List.copyOf(all));
  }

  /** Nothing to report. */
  record Healthy() implements Health {
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
