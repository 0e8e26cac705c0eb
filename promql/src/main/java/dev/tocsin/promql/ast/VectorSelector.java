package dev.tocsin.promql.ast;

import dev.tocsin.promql.series.LabelMatcher;
import java.util.List;

/**
 * An instant selector.
 *
 * @param name metric name written before the braces, empty when it stands inside or is absent; a
 *     matcher for it is the last of {@code matchers}
 */
public record VectorSelector(
    String name, List<LabelMatcher> matchers, TimeShift shift, Edges edges, SourceRange position)
    implements Expr {
  /** How a selector treats the edges of its window. */
  public enum Edges {
    /** Only samples inside. */
    PLAIN,
    /** {@code anchored}: the value at each edge is that of the sample before it. */
    ANCHORED,
    /** {@code smoothed}: the value at each edge is interpolated. */
    SMOOTHED
  }

  public VectorSelector {
    matchers = List.copyOf(matchers);
  }

  public VectorSelector withShift(TimeShift shift, SourceRange position) {
    return new VectorSelector(name, matchers, shift, edges, position);
  }

  public VectorSelector withEdges(Edges edges, SourceRange position) {
    return new VectorSelector(name, matchers, shift, edges, position);
  }

  @Override
  public ValueType type() {
    return ValueType.VECTOR;
  }

  @Override
  public List<Expr> children() {
    return List.of();
  }
}
