package dev.tocsin.storage.postgres;

import dev.tocsin.storage.AttributeTest;
import dev.tocsin.storage.AttributeValue;
import dev.tocsin.storage.Comparison;
import dev.tocsin.storage.segment.Hashes;
import dev.tocsin.storage.segment.Tokens;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/**
 * Conditions on the index columns of segments, which every segment with a match meets; parameters
 * numbered from $7. Not thread-safe.
 */
final class SegmentFilter {
  private static final int FIRST = 7;

  private final StringBuilder where = new StringBuilder();
  private final Tuple parameters = Tuple.tuple();

  /** Segments with at least one of the tokens. */
  void anyToken(List<Integer> tokens) {
    overlaps("tokens", tokens.toArray(Integer[]::new));
  }

  void overlaps(String column, Integer[] hashes) {
    and(column + " && " + next(hashes) + "::int[]");
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

  /**
   * The tokens of which a segment has one that holds the value, or too many values of the key to
   * list them; empty when the index knows nothing of the key.
   */
  static List<Integer> tokens(String key, String value) {
    return Tokens.KEYS.contains(key)
        ? List.of(Hashes.token(key, value), Hashes.anyValue(key))
        : List.of();
  }

  /** As {@link #tokens(String, String)}; values on events, links and scopes are not indexed. */
  static List<Integer> tokens(AttributeTest test) {
    boolean indexed =
        test.comparison() == Comparison.EQUAL
            && switch (test.scope()) {
              case ITEM, RESOURCE, ITEM_OR_RESOURCE -> true;
              case ANY, SCOPE, EVENT, LINK -> false;
            };
    if (!indexed) {
      return List.of();
    }
    // 200 and 200.0 are equal as numbers and differ as text.
    List<Integer> tokens = new ArrayList<>(tokens(test.key(), test.value().asText()));
    if (test.value() instanceof AttributeValue.Whole whole) {
      tokens.addAll(tokens(test.key(), Double.toString((double) whole.value())));
    } else if (test.value() instanceof AttributeValue.Real real
        && real.value() == Math.rint(real.value())) {
      tokens.addAll(tokens(test.key(), Long.toString((long) real.value())));
    }
    return tokens;
  }

  /**
   * What a segment must hold for one of several alternatives.
   *
   * @param alternatives for each the token sets of which all must be met
   * @return tokens of which one must be there; empty when nothing can be said
   */
  static List<Integer> anyOf(List<List<List<Integer>>> alternatives) {
    List<Integer> union = new ArrayList<>();
    for (List<List<Integer>> alternative : alternatives) {
      if (alternative.isEmpty()) {
        return List.of();
      }
      union.addAll(alternative.get(0));
    }
    return union;
  }
}
