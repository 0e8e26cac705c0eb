package dev.tocsin.incident.domain;

import dev.tocsin.common.contract.AlertEvent;
import java.time.Duration;
import java.time.Instant;

/**
 * That an alert fires, as its source last said it.
 *
 * @param partition of the topic in which it was said
 * @param eventId of the event that said it
 * @param statedAt by the source's clock
 * @param endsAt until when it holds without being repeated, by the source's clock
 * @param holdsUntil the same by our clock
 */
public record Statement(
    int partition, String eventId, Instant statedAt, Instant endsAt, Instant holdsUntil) {
  private static final Instant LATEST = Instant.parse("9999-12-31T00:00:00Z");
  private static final Duration HOLDS_MAX = Duration.ofDays(1);

  /** What a firing alert states; one whose end makes no sense holds until it is taken back. */
  public static Statement of(AlertEvent event, int partition, Instant now) {
    Instant statedAt = bounded(event.updatedAt());
    Instant endsAt = endOf(event);
    // Only the difference of two times of one clock says anything to another one.
    Duration holds = Duration.between(statedAt, endsAt);
    return new Statement(
        partition,
        event.eventId(),
        statedAt,
        endsAt,
        now.plus(holds.compareTo(HOLDS_MAX) > 0 ? HOLDS_MAX : holds));
  }

  /** The end of what a firing alert states, as it is kept. */
  public static Instant endOf(AlertEvent event) {
    return event.endsAt().isBefore(event.updatedAt()) ? LATEST : bounded(event.endsAt());
  }

  /**
   * With the later end of the two: one that was read later may have been made earlier, in another
   * partition, or by a source whose clock is behind.
   */
  Statement notBefore(Statement other) {
    return other.endsAt.isAfter(endsAt) && other.endsAt.isBefore(LATEST)
        ? new Statement(partition, eventId, statedAt, other.endsAt, holdsUntil)
        : this;
  }

  private static Instant bounded(Instant time) {
    if (time.isBefore(Instant.EPOCH)) {
      return Instant.EPOCH;
    }
    return time.isAfter(LATEST) ? LATEST : time;
  }
}
