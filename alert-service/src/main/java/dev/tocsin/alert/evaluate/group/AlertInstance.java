package dev.tocsin.alert.evaluate.group;

import dev.tocsin.common.contract.AlertStateRecord;
import dev.tocsin.common.contract.Fingerprint;
import dev.tocsin.promql.series.Labels;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One label set for which an alerting rule is or was true.
 *
 * @param labels its identity, {@code alertname} included
 * @param activeAt since when the expression has been true
 * @param firedAt since when it has been firing; null while pending
 * @param resolvedAt when it stopped firing; null unless inactive
 * @param lastSentAt when an event about it was last published
 * @param keepFiringSince since when only {@code keep_firing_for} has kept it firing
 */
public record AlertInstance(
    Labels labels,
    Map<String, String> annotations,
    double value,
    State state,
    Instant activeAt,
    @Nullable Instant firedAt,
    @Nullable Instant resolvedAt,
    @Nullable Instant lastSentAt,
    @Nullable Instant keepFiringSince) {

  /** An inactive instance has been firing and is remembered for a while. */
  public enum State {
    PENDING,
    FIRING,
    INACTIVE;

    /** As Prometheus writes it. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static AlertInstance pending(Candidate candidate, Instant at) {
    return new AlertInstance(
        candidate.labels(),
        candidate.annotations(),
        candidate.value(),
        State.PENDING,
        at,
        null,
        null,
        null,
        null);
  }

  /**
   * Brings times that lie ahead of the clock, which has been set back since, to the present: what
   * waits for them would wait for the clock to catch up. When it fired stays, for it is part of its
   * identity.
   */
  AlertInstance notAfter(Instant at) {
    boolean ahead = state == State.PENDING && activeAt.isAfter(at);
    return new AlertInstance(
        labels,
        annotations,
        value,
        state,
        ahead ? at : activeAt,
        firedAt,
        earlier(resolvedAt, at),
        lastSentAt,
        earlier(keepFiringSince, at));
  }

  private static @Nullable Instant earlier(@Nullable Instant time, Instant at) {
    return time != null && time.isAfter(at) ? at : time;
  }

  /** The clock jumped: what has been measured by it goes on as if it had not. */
  AlertInstance shifted(Duration jump) {
    return new AlertInstance(
        labels,
        annotations,
        value,
        state,
        state == State.PENDING ? activeAt.plus(jump) : activeAt,
        firedAt,
        resolvedAt == null ? null : resolvedAt.plus(jump),
        lastSentAt == null ? null : lastSentAt.plus(jump),
        keepFiringSince == null ? null : keepFiringSince.plus(jump));
  }

  AlertInstance refreshed(Candidate candidate) {
    return new AlertInstance(
        labels,
        candidate.annotations(),
        candidate.value(),
        state,
        activeAt,
        firedAt,
        resolvedAt,
        lastSentAt,
        null);
  }

  AlertInstance fired(Instant at) {
    return new AlertInstance(
        labels, annotations, value, State.FIRING, activeAt, at, null, lastSentAt, null);
  }

  AlertInstance pendingAgain() {
    return new AlertInstance(
        labels, annotations, value, State.PENDING, activeAt, null, null, null, null);
  }

  AlertInstance kept(Instant since) {
    return new AlertInstance(
        labels, annotations, value, state, activeAt, firedAt, resolvedAt, lastSentAt, since);
  }

  /**
   * Its end has not been said yet, whenever it was last said to fire: that may have been at this
   * very time, by whoever had the group before, or later by a clock that was set back.
   */
  AlertInstance resolved(Instant at) {
    return new AlertInstance(
        labels, annotations, value, State.INACTIVE, activeAt, firedAt, at, null, keepFiringSince);
  }

  AlertInstance sent(Instant at) {
    return new AlertInstance(
        labels, annotations, value, state, activeAt, firedAt, resolvedAt, at, keepFiringSince);
  }

  /** Whether a new owner of the group would have to know the difference to go on alike. */
  boolean sameLifecycle(AlertInstance other) {
    return state == other.state
        && activeAt.equals(other.activeAt)
        && Objects.equals(firedAt, other.firedAt)
        && Objects.equals(resolvedAt, other.resolvedAt)
        && Objects.equals(lastSentAt, other.lastSentAt)
        && Objects.equals(keepFiringSince, other.keepFiringSince);
  }

  public String fingerprint() {
    return Fingerprint.of(labels.asMap());
  }

  AlertStateRecord record(String group, String ruleId) {
    return new AlertStateRecord(
        group,
        ruleId,
        fingerprint(),
        labels.asMap(),
        annotations,
        state.text(),
        activeAt,
        firedAt,
        resolvedAt,
        lastSentAt,
        keepFiringSince,
        PrometheusText.number(value));
  }

  /**
   * @throws IllegalArgumentException when the record's state is none of {@link State}
   */
  static AlertInstance of(AlertStateRecord stored) {
    return new AlertInstance(
        Labels.of(stored.labels()),
        stored.annotations(),
        PrometheusText.parse(stored.value()),
        State.valueOf(stored.state().toUpperCase(Locale.ROOT)),
        stored.activeAt(),
        stored.firedAt(),
        stored.resolvedAt(),
        stored.lastSentAt(),
        stored.keepFiringSince());
  }
}
