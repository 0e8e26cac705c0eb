package dev.tocsin.storage.keep.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.common.telemetry.ProcessMetrics;
import dev.tocsin.storage.schema.TelemetrySchema;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The oldest days go when the database is too large. All of it as a role that owns its database and
 * nothing else, which is what a managed PostgreSQL gives.
 */
final class DiskBudgetIT {
  private static final LocalDate FIRST = LocalDate.parse("2026-03-01");

  private final Vertx vertx = Vertx.vertx();
  private final PrometheusMeterRegistry registry = ProcessMetrics.registry("test");
  private final PostgresServer server = plainRole();
  private final Postgres postgres =
      new Postgres(vertx, server.settings(), TelemetrySchema.migrations());
  private final Partitions partitions = new Partitions(postgres);

  private static PostgresServer plainRole() {
    PostgresServer fresh = Backends.freshDatabase("budget");
    String role = Backends.uniqueName("plain").replace('-', '_');
    Backends.execute(fresh, "create role " + role + " login password 'plain'");
    Backends.execute(fresh, "alter database " + fresh.database() + " owner to " + role);
    return new PostgresServer(fresh.host(), fresh.port(), role, "plain", fresh.database());
  }

  @AfterEach
  void close() throws Exception {
    wait(postgres.stop());
    wait(vertx.close());
  }

  @Test
  void oldestDays_goUntilTheDatabaseFits_andHealthSaysSo() throws Exception {
    wait(postgres.start());
    for (int day = 0; day < 4; day++) {
      wait(partitions.ensure(Partitions.TABLES, List.of(FIRST.plusDays(day))));
      fill(FIRST.plusDays(day));
    }
    long size = wait(partitions.databaseSize());

    DiskBudget roomy = budget(2 * size);
    wait(roomy.run());
    assertThat(days()).hasSize(4);
    assertThat(wait(roomy.check())).isInstanceOf(Health.Healthy.class);

    DiskBudget tight = budget(size - 3_000_000);
    wait(tight.run());
    assertThat(days()).containsExactly("20260302", "20260303", "20260304");
    assertThat(wait(tight.check()).issues())
        .singleElement()
        .asString()
        .startsWith("dropped 2026-03-01: the database took ");
    assertThat(registry.counter("tocsin.storage.dropped.days").count()).isEqualTo(1);

    DiskBudget tiny = budget(1_000);
    wait(tiny.run());
    assertThat(days()).containsExactly("20260304");
    assertThat(wait(tiny.check()).issues())
        .anySatisfy(issue -> assertThat(issue).contains("with 2026-03-04 alone"));
    assertThat(registry.scrape())
        .contains("tocsin_storage_dropped_days_total{service=\"test\"} 3.0");
  }

  private DiskBudget budget(long sizeMax) {
    InstantSource clock = InstantSource.fixed(Instant.parse("2026-03-04T12:00:00Z"));
    return new DiskBudget(new ServiceContext(vertx, registry, clock), partitions, sizeMax);
  }

  /** Some 4 MB that do not compress. */
  private void fill(LocalDate day) {
    Backends.execute(
        server,
        """
        insert into telemetry.metric_block (part, min_ts, source, id, max_ts, fmt, n, metrics, data, raw)
        select 0, '%sT00:00Z', 0, i, '%sT00:00Z', 1, 1, '{}',
          (select string_agg(sha256((i || ' ' || j)::bytea), ''::bytea) from generate_series(1, 4000) j), ''
        from generate_series(1, 32) i
        """
            .formatted(day, day));
  }

  private List<String> days() throws SQLException {
    List<String> days = new ArrayList<>();
    try (Connection connection = Backends.connect(server);
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select distinct right(inhrelid::regclass::text, 8) from pg_inherits"
                    + " where inhparent::regclass::text like 'telemetry.%' order by 1")) {
      while (rows.next()) {
        days.add(rows.getString(1));
      }
    }
    return days.stream().filter(day -> day.matches("\\d{8}")).toList();
  }

  private static <T> T wait(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
