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
 * @param statement that the alert fires, as it was last made; null when it is not known for how
 *     long it holds: then only an end that is stated ends the incident
 * @param silentSince the last sign of life of the alert's source, when it was found to be silent
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
    @Nullable Mark resolved,
    @Nullable Statement statement,
    @Nullable Instant silentSince) {

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
    return copy(stored, alert, statement, silentSince);
  }

  Incident stepTaken() {
    return next(status, stepsTaken + 1, acknowledged, resolved);
  }

  Incident acknowledgedBy(Mark mark) {
    return next(Status.ACKNOWLEDGED, stepsTaken, mark, resolved);
  }

  Incident resolvedBy(Mark mark) {
    return next(Status.RESOLVED, stepsTaken, acknowledged, mark);
  }

  /** The same incident of a newer statement; timers stay valid. */
  Incident restated(Alert newer) {
    return copy(id, newer, statement, silentSince);
  }

  /** The statement was repeated, so the source is not silent. */
  Incident repeated(Statement newer) {
    return copy(id, alert, statement == null ? newer : newer.notBefore(statement), null);
  }

  Incident silent(Instant since) {
    return copy(id, alert, statement, since);
  }

  Incident heardOf() {
    return copy(id, alert, statement, null);
  }

  /** Whether both are the same but for what is known of the alert's source. */
  public boolean sameApartFromSource(Incident other) {
    return copy(id, alert, null, null).equals(other.copy(other.id, other.alert, null, null));
  }

  private Incident copy(
      long number, Alert facts, @Nullable Statement stated, @Nullable Instant silent) {
    return new Incident(
        number,
        key,
        fingerprint,
        title,
        severity,
        status,
        stepsTaken,
        generation,
        policy,
        facts,
        openedAt,
        acknowledged,
        resolved,
        stated,
        silent);
  }

  private Incident next(Status to, int steps, @Nullable Mark acknowledgement, @Nullable Mark end) {
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
        alert,
        openedAt,
        acknowledgement,
        end,
        statement,
        silentSince);
  }
}
