package dev.tocsin.incident.consume;

import dev.tocsin.incident.ports.IncidentStore;
import dev.tocsin.testkit.sim.SimDatabase;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** A store that tells the time, which is all that taking alerts in asks of it. */
final class SimTime implements IncidentStore {
  private final SimDatabase database;
  private final InstantSource clock;

  SimTime(SimDatabase database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
  }

  @Override
  public Future<Instant> now() {
    return database.later("now", clock::instant);
  }

  @Override
  public Future<Optional<Change>> acknowledge(long id, String by, String comment) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<Optional<Change>> resolve(long id, String by, String comment) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<Optional<Fired>> fireTimer() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<Optional<Duration>> untilNextTimer() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<Integer> forget(Duration eventIdsAfter, Duration incidentsAfter) {
    throw new UnsupportedOperationException();
  }
}
