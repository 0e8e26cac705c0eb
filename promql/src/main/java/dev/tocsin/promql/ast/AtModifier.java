package dev.tocsin.promql.ast;

/** The {@code @} modifier: evaluates a selector at a fixed time. */
public sealed interface AtModifier {
  /** {@code @ <unix seconds>}. */
  record Timestamp(long timestampMs) implements AtModifier {}

  /** {@code @ start()}: the first step of the query. */
  record Start() implements AtModifier {}

  /** {@code @ end()}: the last step of the query. */
  record End() implements AtModifier {}

  default long resolve(long startMs, long endMs) {
    if (this instanceof Timestamp at) {
      return at.timestampMs();
    }
    return this instanceof Start ? startMs : endMs;
  }
}
