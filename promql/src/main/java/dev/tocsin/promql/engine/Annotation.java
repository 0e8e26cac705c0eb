package dev.tocsin.promql.engine;

/**
 * Something worth knowing about an answer, in Prometheus's own words.
 *
 * @param message begins with {@code PromQL warning: } or {@code PromQL info: }
 * @param position offset in the query of the expression it is about, -1 for none
 */
public record Annotation(Level level, String message, int position) {
  /** How bad it is. */
  public enum Level {
    /** The answer is likely not what was meant. */
    WARNING,
    /** The answer may be less exact than thought. */
    INFO
  }
}
