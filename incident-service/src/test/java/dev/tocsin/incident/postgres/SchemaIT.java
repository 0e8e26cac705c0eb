package dev.tocsin.incident.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.incident.Database;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Holds the checked-in schema against what the migrations make. */
class SchemaIT {
  private static final String DUMP =
      """
      select line from (
        select 1 as kind, c.relname || '.' || lpad(a.attnum::text, 2, '0') as place,
          'column ' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
          || case when a.attnotnull then ' not null' else '' end
          || case a.attidentity when 'a' then ' identity' else '' end
          || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') as line
        from pg_class c join pg_attribute a on a.attrelid = c.oid
        left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
        where c.relnamespace = 'incident'::regnamespace and c.relkind = 'r'
          and a.attnum > 0 and not a.attisdropped
        union all
        select 2, conrelid::regclass::text || conname,
          'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
        from pg_constraint where connamespace = 'incident'::regnamespace and contype <> 'n'
        union all
        select 3, indexname, 'index ' || indexdef from pg_indexes where schemaname = 'incident'
        union all
        select 4, proname, 'function ' || proname || ' as ' || prosrc
        from pg_proc where pronamespace = 'incident'::regnamespace
      ) as dump order by kind, place collate "C\"""";

  @Test
  void schemaDump_isTheSchemaOfTheMigrations() throws Exception {
    PostgresServer server = Backends.freshDatabase("schema");
    Vertx vertx = Vertx.vertx();
    IncidentDatabase database = IncidentDatabase.create(vertx, server.settings());
    get(database.connections().start());
    get(database.connections().stop());
    get(vertx.close());
    try (var in = IncidentDatabase.class.getResourceAsStream("migration/schema.txt")) {
      String expected = in == null ? "" : new String(in.readAllBytes(), UTF_8);
      assertThat(String.join("\n", Database.texts(server, DUMP)) + "\n").isEqualTo(expected);
    }
  }

  private static void get(Future<?> future) throws Exception {
    future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
