package dev.tocsin.incident;

import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.incident.domain.Incident;
import dev.tocsin.incident.domain.Transition;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Changes incidents. Each method is one transaction that writes the incident, its timeline, timers
 * and notifications together, or nothing. The time is the database's.
 */
public interface IncidentStore {

  /**
   * A place in a partition of the alerts topic.
   *
   * @param expected the stored next offset this consumer knows
   * @param next to be stored
   */
  record Position(int partition, long expected, long next) {}

  /** What a transaction did; no transitions when nothing changed. */
  record Change(@Nullable Incident incident, List<Transition> transitions) {}

  /** A timer that went off. */
  record Fired(Change change, Duration lateness) {}

  /** Another consumer has moved the partition's offset: this one must begin again. */
  final class FencedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public FencedException(Position position) {
      super("another consumer moved the offset of alerts; expected: " + position);
    }
  }

  /** The data of an event cannot be stored; trying again would not help. */
  final class UnstorableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnstorableException(Throwable cause) {
      super(String.valueOf(cause.getMessage()), cause);
    }
  }

  /** The stored next offset; a partition seen for the first time is entered with {@code first}. */
  Future<Long> nextOffset(int partition, long first);

  /**
   * Takes an alert event in and moves the offset; an event whose id was seen before moves only the
   * offset. Fails with {@link FencedException} when the stored offset is not the expected one.
   */
  Future<Change> alert(Position position, AlertEvent event);

  /** Moves the offset past a record that was put aside. */
  Future<Void> skip(Position position);

  /** Empty when there is no such incident; an incident past this state is returned unchanged. */
  Future<Optional<Change>> acknowledge(long id, String by, String comment);

  /** Empty when there is no such incident; a resolved incident is returned unchanged. */
  Future<Optional<Change>> resolve(long id, String by, String comment);

  /** Fires one timer that is due and that no other instance is firing; empty when there is none. */
  Future<Optional<Fired>> fireTimer();

  /** How long until the next timer is due; empty when none is armed. */
  Future<Optional<Duration>> untilNextTimer();

  /** Forgets event ids and resolved incidents from before these times ago; tells how many rows. */
  Future<Integer> forget(Duration eventIdsAfter, Duration incidentsAfter);

  /** The time the store goes by. */
  Future<Instant> now();
}
