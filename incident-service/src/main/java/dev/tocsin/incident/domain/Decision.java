package dev.tocsin.incident.domain;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What follows from an input.
 *
 * @param incident afterwards; null when there is none
 * @param effects in the order they are to be written; empty when nothing changes
 */
public record Decision(@Nullable Incident incident, List<Effect> effects) {
  public Decision {
    effects = List.copyOf(effects);
  }

  static Decision nothing(@Nullable Incident incident) {
    return new Decision(incident, List.of());
  }

  /** The transitions made, in order. */
  public List<Transition> transitions() {
    return effects.stream()
        .filter(Effect.Publish.class::isInstance)
        .map(effect -> ((Effect.Publish) effect).transition())
        .toList();
  }
}
