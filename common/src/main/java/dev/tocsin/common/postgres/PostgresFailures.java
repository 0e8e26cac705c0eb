package dev.tocsin.common.postgres;

import io.vertx.pgclient.PgException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells what PostgreSQL refuses for the data of a statement from all its other failures. */
public final class PostgresFailures {
  /**
   * Classes of SQLSTATE: more than one row where one is meant (21), data that no type can hold
   * (22), a broken constraint (23), more than a limit of the program, such as an index entry's size
   * (54). All else is the state of the server, of a lock, or of what surrounds it.
   */
  private static final Set<String> OF_DATA = Set.of("21", "22", "23", "54");

  private static final String UNIQUE_VIOLATION = "23505";

  private PostgresFailures() {}

  /** Whether the same statement with the same values would fail again, however well all is. */
  public static boolean ofData(Throwable failure) {
    String state = sqlState(failure);
    return state != null && OF_DATA.contains(state.substring(0, 2));
  }

  /** Whether another transaction was first to insert the row: then it is there now. */
  public static boolean alreadyThere(Throwable failure) {
    return UNIQUE_VIOLATION.equals(sqlState(failure));
  }

  /** Whether PostgreSQL has answered, with a refusal: of the failure or of what it comes from. */
  public static boolean answered(Throwable failure) {
    return sqlState(failure) != null;
  }

  private static @Nullable String sqlState(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof PgException refused) {
        String state = refused.getSqlState();
        return state == null || state.length() < 2 ? null : state;
      }
    }
    return null;
  }
}
