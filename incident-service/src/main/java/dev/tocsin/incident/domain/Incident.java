package dev.tocsin.incident.domain;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An incident as it stands.
 *
 * @param id given by the store; 0 before it was stored
 * @param key stable name towards providers (PagerDuty's dedup_key), the same for all its messages
 * @param fingerprint of the alert; at most one unresolved incident has it
 * @param stepsTaken how many steps of the policy were notified
 * @param generation grows with every step and transition; a timer armed under another one is late
 */
public record Incident(
    long id,
    String key,
    String fingerprint,
    String title,
    String severity,
    Status status,
    int stepsTaken,
    int generation,
    EscalationPolicy policy,
    Alert alert,
    Instant openedAt,
    @Nullable Mark acknowledged,
    @Nullable Mark resolved) {

  /** The alert as it was last stated. */
  public record Alert(
      String ruleGroup,
      String rule,
      Map<String, String> labels,
      Map<String, String> annotations,
      String value,
      String generatorUrl,
      Instant startsAt) {}

  /** When something was done and by whom. */
  public record Mark(Instant at, String by) {}

  public Incident withId(long stored) {
    return new Incident(
        stored,
        key,
        fingerprint,
        title,
        severity,
        status,
        stepsTaken,
        generation,
        policy,
        alert,
        openedAt,
        acknowledged,
        resolved);
  }

  Incident stepTaken() {
    return next(status, stepsTaken + 1, alert, acknowledged, resolved);
  }

  Incident acknowledgedBy(Mark mark) {
    return next(Status.ACKNOWLEDGED, stepsTaken, alert, mark, resolved);
  }

  Incident resolvedBy(Mark mark) {
    return next(Status.RESOLVED, stepsTaken, alert, acknowledged, mark);
  }

  /** The same incident of a newer statement; timers stay valid. */
  Incident restated(Alert newer) {
    return new Incident(
        id,
        key,
        fingerprint,
        title,
        severity,
        status,
        stepsTaken,
        generation,
        policy,
        newer,
        openedAt,
        acknowledged,
        resolved);
  }

  private Incident next(
      Status to, int steps, Alert facts, @Nullable Mark acknowledgement, @Nullable Mark end) {
    return new Incident(
        id,
        key,
        fingerprint,
        title,
        severity,
        to,
        steps,
        generation + 1,
        policy,
        facts,
        openedAt,
        acknowledgement,
        end);
  }
}
