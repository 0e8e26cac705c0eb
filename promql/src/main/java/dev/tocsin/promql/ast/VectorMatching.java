package dev.tocsin.promql.ast;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the series of two vectors find each other.
 *
 * @param on whether {@code labels} are those compared, rather than those ignored
 * @param include labels copied from the "one" side by group_left or group_right
 * @param fillLeft value of a series missing at the left, null when pairs without it are dropped
 * @param fillRight likewise at the right
 */
public record VectorMatching(
    Cardinality cardinality,
    boolean on,
    List<String> labels,
    List<String> include,
    @Nullable Double fillLeft,
    @Nullable Double fillRight) {
  /** How many series of each side may share one set of matching labels. */
  public enum Cardinality {
    ONE_TO_ONE,
    MANY_TO_ONE,
    ONE_TO_MANY,
    MANY_TO_MANY
  }

  public static final VectorMatching PLAIN =
      new VectorMatching(Cardinality.ONE_TO_ONE, false, List.of(), List.of(), null, null);

  public VectorMatching {
    labels = List.copyOf(labels);
    include = List.copyOf(include);
  }

  public VectorMatching withCardinality(Cardinality cardinality) {
    return new VectorMatching(cardinality, on, labels, include, fillLeft, fillRight);
  }
}
