package dev.tocsin.storage.benchmark;

import dev.tocsin.embedded.EmbeddedKafka;
import dev.tocsin.embedded.EmbeddedPostgres;
import dev.tocsin.embedded.KafkaOptions;
import dev.tocsin.embedded.PostgresOptions;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A Kafka and a PostgreSQL for the benchmark alone, in a temporary directory. */
final class Backend implements AutoCloseable {
  private final Path directory;
  final EmbeddedKafka kafka;
  final EmbeddedPostgres postgres;

  /** For what is asked again and again: a new connection costs the server a process. */
  private @Nullable Connection kept;

  private Backend(Path directory, EmbeddedKafka kafka, EmbeddedPostgres postgres) {
    this.directory = directory;
    this.kafka = kafka;
    this.postgres = postgres;
  }

  static Backend start() throws IOException {
    Path directory = Files.createTempDirectory("tocsin-storage-benchmark");
    EmbeddedKafka kafka = EmbeddedKafka.start(KafkaOptions.in(directory.resolve("kafka")));
    EmbeddedPostgres postgres =
        EmbeddedPostgres.start(
            PostgresOptions.in(directory.resolve("postgres"))
                .withSetting("shared_buffers", "2GB")
                .withSetting("max_wal_size", "8GB")
                .withSetting("max_connections", "60"));
    return new Backend(directory, kafka, postgres);
  }

  Map<String, String> settings(int partitions) {
    Map<String, String> settings = new HashMap<>();
    settings.put("kafka.bootstrap_servers", kafka.bootstrapServers());
    settings.put("kafka.partitions", Integer.toString(partitions));
    settings.put("postgres.host", postgres.host());
    settings.put("postgres.port", Integer.toString(postgres.port()));
    settings.put("postgres.user", postgres.user());
    settings.put("postgres.password", postgres.password());
    settings.put("postgres.database", postgres.database());
    settings.put("storage.port", "0");
    return settings;
  }

  PostgresServer server() {
    return Backends.serverOf(postgres);
  }

  double postgresCpu() {
    return Cpu.ofServer(postgres.pid());
  }

  Connection connect() throws SQLException {
    return Backends.connect(server());
  }

  void execute(String sql) {
    Backends.execute(server(), sql);
  }

  /** The first column of the first row; 0 when there is none. */
  long number(String sql) {
    try (Statement statement = kept().createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? rows.getLong(1) : 0;
    } catch (SQLException e) {
      throw new IllegalStateException(sql + ": " + e.getMessage(), e);
    }
  }

  private Connection kept() throws SQLException {
    Connection connection = kept;
    if (connection == null) {
      connection = connect();
      kept = connection;
    }
    return connection;
  }

  /** The first column of the first row as text; empty when there is none. */
  String text(String sql) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? String.valueOf(rows.getString(1)) : "";
    } catch (SQLException e) {
      throw new IllegalStateException(sql + ": " + e.getMessage(), e);
    }
  }

  /** Partitions of a table with everything that belongs to them. */
  long size(String table) {
    return number(
        "select coalesce(sum(pg_total_relation_size(inhrelid)), 0)::bigint from pg_inherits"
            + " where inhparent = '"
            + table
            + "'::regclass");
  }

  long walBytes() {
    return number("select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint");
  }

  @Override
  public void close() throws IOException {
    kafka.close();
    postgres.close();
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
