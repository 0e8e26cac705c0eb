package dev.tocsin.storage.postgres;

import dev.tocsin.storage.segment.Hashes;
import dev.tocsin.storage.segment.Tokens;
import io.vertx.sqlclient.Tuple;

/** Conditions on index columns, parameters numbered from $7. Not thread-safe. */
final class TokenFilter {
  private static final int FIRST = 7;

  private final StringBuilder where = new StringBuilder();
  private final Tuple parameters = Tuple.tuple();

  /** Segments with the value, or with too many values of the key to list; others know nothing. */
  void equal(String key, String value) {
    if (Tokens.KEYS.contains(key)) {
      overlaps("tokens", new Integer[] {Hashes.token(key, value), Hashes.anyValue(key)});
    }
  }

  void overlaps(String column, Integer[] hashes) {
    where.append(" and ").append(column).append(" && ").append(next(hashes)).append("::int[]");
  }

  /** Adds a condition with its parameters already named by {@link #next}. */
  void and(String condition) {
    where.append(" and ").append(condition);
  }

  /** Adds a parameter and returns its name. */
  String next(Object value) {
    parameters.addValue(value);
    return "$" + (FIRST + parameters.size() - 1);
  }

  String where() {
    return where.toString();
  }

  Tuple parameters() {
    return parameters;
  }
}
