package dev.tocsin.incident;

import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Questions tests ask the database directly. */
public final class Database {
  private Database() {}

  public static long count(PostgresServer server, String sql) {
    return Long.parseLong(texts(server, sql).get(0));
  }

  /** The first column of every row. */
  public static List<String> texts(PostgresServer server, String sql) {
    try (var connection = Backends.connect(server);
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      List<String> found = new ArrayList<>();
      while (rows.next()) {
        found.add(rows.getString(1));
      }
      return found;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
