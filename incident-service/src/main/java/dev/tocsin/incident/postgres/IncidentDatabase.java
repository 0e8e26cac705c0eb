package dev.tocsin.incident.postgres;

import dev.tocsin.common.postgres.Migrations;
import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.common.postgres.PostgresSettings;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.incident.domain.EscalationPolicy;
import dev.tocsin.incident.ports.Alarms;
import dev.tocsin.incident.ports.AlertIntake;
import dev.tocsin.incident.ports.IncidentReader;
import dev.tocsin.incident.ports.IncidentStore;
import dev.tocsin.incident.ports.Outbox;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;

/** Makes everything that works on the schema {@code incident}. */
public final class IncidentDatabase {
  private final Vertx vertx;
  private final Postgres postgres;

  private IncidentDatabase(Vertx vertx, Postgres postgres) {
    this.vertx = vertx;
    this.postgres = postgres;
  }

  public static IncidentDatabase create(Vertx vertx, PostgresSettings settings) {
    return new IncidentDatabase(vertx, new Postgres(vertx, settings, migrations()));
  }

  /** Append-only: a script that was released is never changed. */
  public static Migrations migrations() {
    return Migrations.load(
        "incident",
        IncidentDatabase.class,
        "V001__incidents.sql",
        "V002__sources.sql",
        "V003__set_at.sql",
        "V004__refused.sql",
        "V005__listening.sql");
  }

  /** Connections and migrations; to be started before anything else of this is used. */
  public Component connections() {
    return postgres;
  }

  /**
   * What changes incidents.
   *
   * @param policy of incidents to be opened
   * @param targets of each channel
   */
  public Stores stores(EscalationPolicy policy, Map<String, List<String>> targets) {
    IncidentWriter writer = new IncidentWriter(policy, targets);
    return new Stores(
        new PostgresIncidentStore(postgres::pool, writer),
        new PostgresAlertIntake(postgres::pool, writer),
        new PostgresAlarms(postgres::pool, writer));
  }

  /** They write the same tables in the same way. */
  public record Stores(IncidentStore incidents, AlertIntake intake, Alarms alarms) {}

  public IncidentReader reader() {
    return new PostgresIncidentReader(postgres::pool);
  }

  public Outbox outbox() {
    return new PostgresOutbox(postgres::pool);
  }

  /** Calls back, on an event loop, when an instance has written timers or notifications. */
  public Component wakeUps(Runnable wake) {
    return new WakeUps(vertx, postgres, wake);
  }
}
