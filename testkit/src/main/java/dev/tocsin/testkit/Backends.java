package dev.tocsin.testkit;

import dev.tocsin.embedded.EmbeddedKafka;
import dev.tocsin.embedded.EmbeddedPostgres;
import dev.tocsin.embedded.KafkaOptions;
import dev.tocsin.embedded.PostgresOptions;
import dev.tocsin.testkit.fault.FaultProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A real Kafka and a real PostgreSQL for tests. Each is started at its first use, shared by all
 * test classes of this JVM and stopped when it ends; data lie under {@code target/backends}.
 * Isolation is by name: {@link #freshDatabase} and {@link #uniqueName}.
 *
 * <p>{@code TOCSIN_TEST_KAFKA=host:port} and {@code
 * TOCSIN_TEST_POSTGRES=postgresql://user:password@host:port/database} replace the shared ones.
 *
 * <p>Tests that stop or kill a server ask for a dedicated one and close it themselves.
 *
 * <p>All methods block: call them from the test's own thread, never from an event loop.
 */
public final class Backends {
  private static final int NAME_LENGTH_MAX = 40;
  private static final AtomicInteger COUNTER = new AtomicInteger();
  // Tells apart JVMs that share an external server.
  private static final String RUN =
      Integer.toString(ThreadLocalRandom.current().nextInt(36 * 36 * 36 * 36), 36);

  private Backends() {}

  /** Bootstrap servers of the shared Kafka; {@code auto.create.topics.enable} is off. */
  public static String kafka() {
    return SharedKafka.BOOTSTRAP_SERVERS;
  }

  /** The shared PostgreSQL, with a database that nobody should use: see {@link #freshDatabase}. */
  public static PostgresServer postgres() {
    return SharedPostgres.SERVER;
  }

  /**
   * Makes an empty database on the shared PostgreSQL.
   *
   * @param name becomes part of the database's name
   */
  public static PostgresServer freshDatabase(String name) {
    return freshDatabase(postgres(), name);
  }

  /** Makes an empty database on the given PostgreSQL. */
  public static PostgresServer freshDatabase(PostgresServer server, String name) {
    String database = uniqueName(name).replace('-', '_');
    execute(server, "create database " + database);
    return server.withDatabase(database);
  }

  /** Runs one SQL statement, blocking. */
  public static void execute(PostgresServer server, String sql) {
    try (Connection connection = connect(server);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql + ": " + e.getMessage(), e);
    }
  }

  /** Opens a JDBC connection; the caller closes it. */
  public static Connection connect(PostgresServer server) throws SQLException {
    return DriverManager.getConnection(server.jdbcUrl(), server.user(), server.password());
  }

  /**
   * A name that no other test uses, in lower case letters, digits and {@code -}: for topics, topic
   * prefixes, consumer groups, schemas.
   */
  public static String uniqueName(String hint) {
    String plain = hint.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    String kept = plain.length() > NAME_LENGTH_MAX ? plain.substring(0, NAME_LENGTH_MAX) : plain;
    return "t-" + kept + "-" + RUN + "-" + COUNTER.incrementAndGet();
  }

  /** A Kafka of the caller's own, to stop, kill and restart; the caller closes it. */
  public static EmbeddedKafka dedicatedKafka() {
    return EmbeddedKafka.start(kafkaOptions("kafka-" + COUNTER.incrementAndGet()));
  }

  /** A Kafka of the caller's own with a way to it that faults can be put on. */
  public static ProxiedKafka proxiedKafka() {
    int port = freePort();
    FaultProxy proxy = FaultProxy.before(port);
    try {
      KafkaOptions options =
          kafkaOptions("kafka-" + COUNTER.incrementAndGet())
              .withProperty("listeners", "PROXIED://127.0.0.1:" + port)
              .withProperty("advertised.listeners", "PROXIED://" + proxy.address())
              .withProperty("listener.security.protocol.map", "PROXIED:PLAINTEXT");
      return new ProxiedKafka(EmbeddedKafka.start(options), proxy);
    } catch (RuntimeException e) {
      proxy.close();
      throw e;
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A PostgreSQL of the caller's own, to stop, kill and restart; the caller closes it. */
  public static EmbeddedPostgres dedicatedPostgres() {
    return EmbeddedPostgres.start(postgresOptions("postgres-" + COUNTER.incrementAndGet()));
  }

  /** How to reach an embedded PostgreSQL. */
  public static PostgresServer serverOf(EmbeddedPostgres postgres) {
    return new PostgresServer(
        postgres.host(),
        postgres.port(),
        postgres.user(),
        postgres.password(),
        postgres.database());
  }

  private static KafkaOptions kafkaOptions(String name) {
    return KafkaOptions.in(TestDirectory.PATH.resolve(name))
        .withLogFile(TestDirectory.LOGS.resolve(name + ".log"));
  }

  private static PostgresOptions postgresOptions(String name) {
    return PostgresOptions.in(TestDirectory.PATH.resolve(name))
        .withLogFile(TestDirectory.LOGS.resolve(name + ".log"));
  }

  private static final class SharedKafka {
    static final String BOOTSTRAP_SERVERS = bootstrapServers();

    private static String bootstrapServers() {
      String external = System.getenv("TOCSIN_TEST_KAFKA");
      if (external != null && !external.isBlank()) {
        return external;
      }
      EmbeddedKafka kafka = EmbeddedKafka.start(kafkaOptions("kafka"));
      TestDirectory.stopAtExit(kafka);
      return kafka.bootstrapServers();
    }
  }

  private static final class SharedPostgres {
    static final PostgresServer SERVER = server();

    private static PostgresServer server() {
      String external = System.getenv("TOCSIN_TEST_POSTGRES");
      if (external != null && !external.isBlank()) {
        return parse(external);
      }
      EmbeddedPostgres postgres = EmbeddedPostgres.start(postgresOptions("postgres"));
      TestDirectory.stopAtExit(postgres);
      return serverOf(postgres);
    }
  }

  static PostgresServer parse(String text) {
    URI uri = URI.create(text);
    String host = uri.getHost();
    String path = uri.getPath();
    String[] user = String.valueOf(uri.getUserInfo()).split(":", 2);
    if (host == null || path == null || path.length() < 2 || user.length != 2) {
      throw new IllegalArgumentException(
          "TOCSIN_TEST_POSTGRES: not usable (expected: postgresql://user:password@host:port/database)");
    }
    int port = uri.getPort() < 0 ? 5432 : uri.getPort();
    return new PostgresServer(host, port, user[0], user[1], path.substring(1));
  }
}
