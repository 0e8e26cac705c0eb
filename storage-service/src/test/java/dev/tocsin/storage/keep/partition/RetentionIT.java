package dev.tocsin.storage.keep.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.common.telemetry.ProcessMetrics;
import dev.tocsin.storage.schema.TelemetrySchema;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What cannot go now keeps nothing else, and no statement of retention takes long. */
final class RetentionIT {
  private static final Instant NOW = Instant.parse("2026-03-10T12:00:00Z");
  private static final LocalDate OLD = LocalDate.parse("2026-03-01");

  private final Vertx vertx = Vertx.vertx();
  private final PostgresServer server = Backends.freshDatabase("retention");
  private final Postgres postgres =
      new Postgres(vertx, server.settings(), TelemetrySchema.migrations());
  private final Partitions partitions = new Partitions(postgres);

  @AfterEach
  void close() throws Exception {
    wait(postgres.stop());
    wait(vertx.close());
  }

  @Test
  void dayThatCannotGo_keepsNoOther_andIsTold() throws Exception {
    wait(postgres.start());
    for (int day = 0; day < 3; day++) {
      wait(
          partitions.ensure(
              List.of(Partitions.SPANS, Partitions.LOGS), List.of(OLD.plusDays(day))));
    }
    PartitionKeeper keeper = keeper();
    try (Connection reader = Backends.connect(server);
        Statement statement = reader.createStatement()) {
      reader.setAutoCommit(false);
      // A query that takes long.
      statement.execute("lock table telemetry.span_seg_20260301 in access share mode");
      statement.execute("lock table telemetry.log_seg_20260302 in access share mode");
      wait(keeper.run());
      assertThat(days("span_seg")).startsWith("20260301", "20260310");
      assertThat(days("log_seg")).startsWith("20260302", "20260310");
      assertThat(wait(keeper.check()).issues())
          .hasSize(2)
          .anySatisfy(issue -> assertThat(issue).contains("span_seg_20260301", "lock timeout"))
          .anySatisfy(issue -> assertThat(issue).contains("log_seg_20260302", "lock timeout"));
    }
    wait(keeper.run());
    assertThat(days("span_seg")).startsWith("20260310");
    assertThat(wait(keeper.check())).isInstanceOf(Health.Healthy.class);
  }

  @Test
  void catalogue_isPrunedInShortStatements_andOneThatCannotBeKeepsNoOther() throws Exception {
    wait(postgres.start());
    long old = 2 * Catalogue.PRUNED_AT_ONCE + 17;
    Backends.execute(
        server,
        """
        insert into telemetry.series (part, series_id, metric, labels, first_seen, last_seen)
        select 0, i, 'm', '{}', '2026-01-01', case when i <= %d then '2026-01-01' else '2026-03-10' end::timestamptz
        from generate_series(1, %d) i;
        insert into telemetry.operation (part, service, name, kind, first_seen, last_seen)
        select 0, 's', 'o' || i, 1, '2026-01-01', '2026-01-01' from generate_series(1, 5) i;
        -- What one statement may delete at most, for the test to see.
        create function telemetry.few() returns trigger language plpgsql as $$
        begin
          if (select count(*) from gone) > %d then raise exception 'too many at once'; end if;
          return null;
        end $$;
        create trigger few after delete on telemetry.series referencing old table as gone
          for each statement execute function telemetry.few();
        create function telemetry.never() returns trigger language plpgsql as $$
        begin raise exception 'never'; end $$;
        create trigger never before delete on telemetry.operation
          for each statement execute function telemetry.never();
        """
            .formatted(old, old + 3, Catalogue.PRUNED_AT_ONCE));
    PartitionKeeper keeper = keeper();
    wait(keeper.run());
    assertThat(number("select count(*) from telemetry.series")).isEqualTo(3);
    assertThat(number("select count(*) from telemetry.operation")).isEqualTo(5);
    assertThat(wait(keeper.check()).issues())
        .singleElement()
        .asString()
        .contains("operation", "never");
  }

  private PartitionKeeper keeper() {
    Duration kept = Duration.ofDays(2);
    return new PartitionKeeper(
        new ServiceContext(vertx, ProcessMetrics.registry("test"), InstantSource.fixed(NOW)),
        partitions,
        Map.of(Partitions.SPANS, kept, Partitions.LOGS, kept),
        Map.of(Catalogue.SERIES, kept, Catalogue.OPERATIONS, kept));
  }

  private List<String> days(String table) throws SQLException {
    return texts(
        "select right(inhrelid::regclass::text, 8) from pg_inherits where inhparent = 'telemetry."
            + table
            + "'::regclass order by 1");
  }

  private long number(String sql) throws SQLException {
    return Long.parseLong(texts(sql).get(0));
  }

  private List<String> texts(String sql) throws SQLException {
    List<String> texts = new java.util.ArrayList<>();
    try (Connection connection = Backends.connect(server);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
    }
    return texts;
  }

  private static <T> T wait(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
