package dev.tocsin.testkit;

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
