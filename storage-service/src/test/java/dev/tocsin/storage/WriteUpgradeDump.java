package dev.tocsin.storage;

import static org.awaitility.Awaitility.await;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.postgres.Migrations;
import dev.tocsin.storage.schema.TelemetrySchema;
import dev.tocsin.storage.service.StorageService;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a small telemetry database as a version of Tocsin left it, for {@link UpgradeIT}: once,
 * when the version is tagged. Arguments: the version, and how many migrations it has. Run in the
 * module's folder.
 */
final class WriteUpgradeDump {
  private WriteUpgradeDump() {}

  public static void main(String[] arguments) throws Exception {
    Path file = UpgradeIT.DUMPS.resolve(arguments[0] + ".sql");
    if (Files.exists(file)) {
      throw new IllegalStateException(file + " exists; what people have does not change");
    }
    List<Migrations.Script> scripts =
        TelemetrySchema.migrations().scripts().subList(0, Integer.parseInt(arguments[1]));
    String schema = schema(scripts);
    PostgresServer old = Backends.freshDatabase("old");
    Backends.execute(old, schema);
    PostgresServer filled = Backends.freshDatabase("filled");
    StringBuilder dump = new StringBuilder(schema);
    StorageService.Topics topics = StorageRig.topics("dump");
    fill(filled, topics);
    try (Connection now = Backends.connect(filled);
        Connection then = Backends.connect(old)) {
      for (String table : texts(then, UpgradeIT.TABLES)) {
        texts(now, partitionsOf(table)).forEach(sql -> dump.append(sql).append(";\n"));
      }
      for (String table : texts(then, UpgradeIT.TABLES)) {
        if (!table.equals("schema_migration")) {
          texts(now, rowsOf(table, texts(then, columnsOf(table))))
              .forEach(sql -> dump.append(sql).append(";\n"));
        }
      }
    }
    Files.createDirectories(UpgradeIT.DUMPS);
    Files.writeString(
        file,
        dump.toString()
            .replace(topics.spans().name(), Topic.SPANS.name())
            .replace(topics.logs().name(), Topic.LOGS.name())
            .replace(topics.metrics().name(), Topic.METRICS.name())
            .replace(topics.derived().name(), Topic.DERIVED.name()));
    System.exit(0);
  }

  private static String schema(List<Migrations.Script> scripts) {
    StringBuilder sql =
        new StringBuilder(
            """
            create schema telemetry;
            set search_path to telemetry;
            create table schema_migration (
              version int primary key,
              name text not null,
              applied_at timestamptz not null default now());
            """);
    for (int i = 0; i < scripts.size(); i++) {
      sql.append(scripts.get(i).sql());
      sql.append(
          "insert into schema_migration(version, name) values (%d, '%s');\n"
              .formatted(i + 1, scripts.get(i).name()));
    }
    return sql.toString();
  }

  private static void fill(PostgresServer server, StorageService.Topics topics) throws Exception {
    try (StorageRig rig = new StorageRig(server, 1, topics)) {
      StorageService service = rig.start();
      UpgradeIT.sendWhatIsStored(rig);
      rig.awaitItems("span_seg", 2);
      rig.awaitItems("log_seg", 1);
      await()
          .atMost(StorageRig.PATIENCE)
          .until(() -> rig.number("select sum(next_offset) from telemetry.ingest_offset") >= 7);
      rig.stop(service);
    }
  }

  private static String columnsOf(String table) {
    return """
        select quote_ident(attname) from pg_attribute
        where attrelid = 'telemetry.%s'::regclass and attnum > 0 and not attisdropped
          and attgenerated = '' order by attnum"""
        .formatted(table);
  }

  private static String partitionsOf(String table) {
    return """
        select format('create table %%I partition of %%I %%s', c.relname, p.relname,
          pg_get_expr(c.relpartbound, c.oid))
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
          join pg_class p on p.oid = i.inhparent
        where p.oid = to_regclass('telemetry.%s') order by c.relname"""
        .formatted(table);
  }

  private static String rowsOf(String table, List<String> columns) {
    String values =
        String.join(
            " || ', ' || ",
            columns.stream().map(column -> "quote_nullable(" + column + "::text)").toList());
    return "select 'insert into %s(%s) overriding system value values (' || %s || ')' from telemetry.%s"
        .formatted(table, String.join(", ", columns), values, table);
  }

  private static List<String> texts(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> found = new ArrayList<>();
      while (rows.next()) {
        found.add(rows.getString(1));
      }
      return found;
    }
  }
}
