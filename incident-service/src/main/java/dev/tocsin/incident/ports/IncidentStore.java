package dev.tocsin.incident.ports;

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

  /** What a transaction did; no transitions when nothing changed. */
  record Change(@Nullable Incident incident, List<Transition> transitions) {}

  /** A timer that went off. */
  record Fired(Change change, Duration lateness) {}

  /** Empty when there is no such incident; an incident past this state is returned unchanged. */
  Future<Optional<Change>> acknowledge(long id, String by, String comment);

  /** Empty when there is no such incident; a resolved incident is returned unchanged. */
  Future<Optional<Change>> resolve(long id, String by, String comment);

  /** Fires one timer that is due and that no other instance is firing; empty when there is none. */
  Future<Optional<Fired>> fireTimer();

  /**
   * How long until there may be a timer to fire; empty when none is armed. One that somebody is
   * firing right now is not waited for. One that was armed before the clock was set back waits as
   * long as it was to, from now on: to be asked again and again.
   */
  Future<Optional<Duration>> untilNextTimer();

  /** Forgets event ids and resolved incidents from before these times ago; tells how many rows. */
  Future<Integer> forget(Duration eventIdsAfter, Duration incidentsAfter);

  /** The time the store goes by. */
  Future<Instant> now();
}
