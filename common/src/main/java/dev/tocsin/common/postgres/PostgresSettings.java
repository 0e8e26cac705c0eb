package dev.tocsin.common.postgres;

import dev.tocsin.common.config.Secret;
import dev.tocsin.common.config.Section;
import dev.tocsin.common.config.Settings;
import java.time.Duration;
import java.util.Optional;

/** How to reach Postgres and how many connections to keep; section {@code [postgres]}. */
public record PostgresSettings(
    String host,
    int port,
    String database,
    String user,
    Optional<Secret> password,
    int poolSize,
    Duration connectTimeout,
    Duration idleTimeout,
    Duration lifetimeMax,
    Duration statementTimeout) {

  /** Reads section {@code [postgres]}. */
  public static PostgresSettings from(Settings settings) {
    Section postgres = settings.section("postgres");
    return new PostgresSettings(
        postgres.string("host", "127.0.0.1"),
        postgres.port("port", 5432),
        postgres.string("database", "tocsin"),
        postgres.string("user", "tocsin"),
        postgres.secret("password"),
        postgres.integer("pool_size", 20, 1, 100),
        postgres.duration("connect_timeout", Duration.ofSeconds(30)),
        postgres.duration("idle_timeout", Duration.ofSeconds(300)),
        postgres.duration("lifetime_max", Duration.ofSeconds(3600)),
        postgres.duration("statement_timeout", Duration.ofSeconds(30)));
  }

  /** Another server or database with the same user and pool. */
  public PostgresSettings at(String otherHost, int otherPort, String otherDatabase) {
    return new PostgresSettings(
        otherHost,
        otherPort,
        otherDatabase,
        user,
        password,
        poolSize,
        connectTimeout,
        idleTimeout,
        lifetimeMax,
        statementTimeout);
  }

  /** Host, port and database as they may be shown. */
  public String address() {
    return host + ":" + port + "/" + database;
  }
}
