package dev.tocsin.incident.domain;

import java.util.Optional;

/** Whether a notification is still worth sending, asked right before it is sent. */
public final class Relevance {
  private Relevance() {}

  /**
   * Why it is not; empty when it is.
   *
   * @param status of the incident now
   * @param paged whether a page may have reached the same destination before
   */
  public static Optional<String> superseded(Transition transition, Status status, boolean paged) {
    if (transition.page() && status != Status.TRIGGERED) {
      return Optional.of("the incident is " + status.text());
    }
    if (transition == Transition.ACKNOWLEDGED && status == Status.RESOLVED) {
      return Optional.of("the incident is resolved");
    }
    if (!transition.page() && !paged) {
      return Optional.of("nobody was paged there");
    }
    return Optional.empty();
  }
}
