package dev.tocsin.testkit;

import dev.tocsin.common.config.Secret;
import dev.tocsin.common.postgres.PostgresSettings;
import java.time.Duration;
import java.util.Optional;

/**
 * How to reach a PostgreSQL.
 *
 * @param user may create and drop databases
 */
public record PostgresServer(String host, int port, String user, String password, String database) {

  /** The same server, another database. */
  public PostgresServer withDatabase(String name) {
    return new PostgresServer(host, port, user, password, name);
  }

  /** How a service under test reaches it. */
  public PostgresSettings settings() {
    return settings(4);
  }

  /**
   * @param poolSize connections at the most
   */
  public PostgresSettings settings(int poolSize) {
    return new PostgresSettings(
        host,
        port,
        database,
        user,
        Optional.of(new Secret(password)),
        poolSize,
        Duration.ofSeconds(5),
        Duration.ofMinutes(5),
        Duration.ofHours(1),
        Duration.ofSeconds(30));
  }

  public String jdbcUrl() {
    return "jdbc:postgresql://" + host + ":" + port + "/" + database;
  }

  /** {@code postgresql://user:password@host:port/database}, as Vert.x and {@code psql} read it. */
  public String uri() {
    return "postgresql://" + user + ":" + password + "@" + host + ":" + port + "/" + database;
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "postgresql://" + user + "@" + host + ":" + port + "/" + database;
  }
}
