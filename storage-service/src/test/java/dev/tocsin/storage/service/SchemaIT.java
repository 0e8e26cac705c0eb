package dev.tocsin.storage.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.common.postgres.PostgresSettings;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.common.telemetry.ProcessMetrics;
import dev.tocsin.storage.keep.partition.PartitionKeeper;
import dev.tocsin.storage.keep.partition.Partitions;
import dev.tocsin.storage.schema.TelemetrySchema;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The schema the migrations make is the one checked in, and days come and go as configured. */
final class SchemaIT {
  private static final String DESCRIPTION =
      """
      select format('%s.%s %s%s storage %s', c.relname, a.attname,
          format_type(a.atttypid, a.atttypmod), case when a.attnotnull then ' not null' end,
          case a.attstorage when 'e' then 'external' when 'x' then 'extended'
            when 'm' then 'main' else 'plain' end)
      from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relnamespace = 'telemetry'::regnamespace and c.relkind in ('r', 'p')
        and a.attnum > 0 and not a.attisdropped and not c.relispartition
      union all
      select pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indrelid
      where c.relnamespace = 'telemetry'::regnamespace and not c.relispartition
      union all
      select format('%s partition by %s', c.relname, pg_get_partkeydef(c.oid)) from pg_class c
      where c.relnamespace = 'telemetry'::regnamespace and c.relkind = 'p'
      union all
      select format('function %s(%s) returns %s', p.proname,
          pg_get_function_identity_arguments(p.oid), pg_get_function_result(p.oid))
      from pg_proc p where p.pronamespace = 'telemetry'::regnamespace
      """;

  private static Vertx vertx;
  private static PostgresServer server;
  private static Postgres postgres;

  @BeforeAll
  static void migrate() throws Exception {
    vertx = Vertx.vertx();
    server = Backends.freshDatabase("schema");
    PostgresSettings settings = server.settings();
    postgres = new Postgres(vertx, settings, TelemetrySchema.migrations());
    wait(postgres.start());
  }

  @AfterAll
  static void close() throws Exception {
    wait(postgres.stop());
    wait(vertx.close());
  }

  @Test
  void schema_isTheOneCheckedIn() throws Exception {
    // Sorted here: the database would sort by its locale.
    List<String> lines = texts(DESCRIPTION);
    Collections.sort(lines);
    String actual = String.join("\n", lines) + "\n";
    Path written = Path.of("target", "telemetry.schema.txt");
    Files.writeString(written, actual);
    try (InputStream in =
        TelemetrySchema.class.getResourceAsStream("migration/telemetry.schema.txt")) {
      assertThat(in).as("a checked-in schema; the real one is in %s", written).isNotNull();
      assertThat(actual)
          .as("after a new migration copy %s over the one beside it", written)
          .isEqualTo(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @Test
  void days_areMadeAhead_andDroppedWhenTooOld() throws Exception {
    Partitions partitions = new Partitions(postgres);
    keep(partitions, "2026-03-01T23:59:00Z");
    assertThat(days()).containsExactly("20260301", "20260302", "20260303");
    keep(partitions, "2026-03-04T00:10:00Z");
    assertThat(days()).containsExactly("20260302", "20260303", "20260304", "20260305", "20260306");
    assertThat(
            texts(
                "select distinct attstorage::text from pg_attribute"
                    + " where attrelid = 'telemetry.log_seg_20260302'::regclass"
                    + " and attname in ('body', 'bloom')"))
        .containsExactly("e");
  }

  private static void keep(Partitions partitions, String now) throws Exception {
    ServiceContext context =
        new ServiceContext(
            vertx, ProcessMetrics.registry("test"), InstantSource.fixed(Instant.parse(now)));
    PartitionKeeper keeper =
        new PartitionKeeper(
            context, partitions, Map.of(Partitions.LOGS, Duration.ofDays(2)), Map.of());
    wait(keeper.run());
    assertThat(wait(keeper.check()).issues()).isEmpty();
  }

  private static List<String> days() throws SQLException {
    return texts(
        "select right(inhrelid::regclass::text, 8) from pg_inherits"
            + " where inhparent = 'telemetry.log_seg'::regclass order by 1");
  }

  private static <T> T wait(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private static List<String> texts(String sql) throws SQLException {
    List<String> texts = new ArrayList<>();
    try (Connection connection = Backends.connect(server);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
    }
    return texts;
  }
}
