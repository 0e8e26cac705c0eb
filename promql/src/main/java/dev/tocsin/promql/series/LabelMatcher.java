package dev.tocsin.promql.series;

import dev.tocsin.promql.regex.Regex;
import dev.tocsin.promql.text.PromqlException;
import org.jspecify.annotations.Nullable;

/**
 * A condition on one label. A missing label counts as the empty string. Regular expressions have
 * RE2 syntax, are anchored at both ends and match in time linear in the value.
 */
public final class LabelMatcher {
  /** How the value is compared. */
  public enum Op {
    EQ("="),
    NEQ("!="),
    RE("=~"),
    NRE("!~");

    private final String symbol;

    Op(String symbol) {
      this.symbol = symbol;
    }

    public String symbol() {
      return symbol;
    }
  }

  private final String name;
  private final Op op;
  private final String value;
  private final @Nullable Regex regex;

  /**
   * @throws PromqlException of kind PARSE when the operator is RE or NRE and the value is no valid
   *     regular expression
   */
  public LabelMatcher(String name, Op op, String value) {
    this.name = name;
    this.op = op;
    this.value = value;
    this.regex = op == Op.RE || op == Op.NRE ? Regex.compile(value) : null;
  }

  public static LabelMatcher equal(String name, String value) {
    return new LabelMatcher(name, Op.EQ, value);
  }

  public String name() {
    return name;
  }

  public Op op() {
    return op;
  }

  public String value() {
    return value;
  }

  /** Whether a label value passes; null (no such label) is the empty string. */
  public boolean matches(@Nullable String actual) {
    String text = actual == null ? "" : actual;
    if (regex == null) {
      return text.equals(value) == (op == Op.EQ);
    }
    return regex.matches(text) == (op == Op.RE);
  }

  public boolean matches(Labels labels) {
    return matches(labels.get(name));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LabelMatcher that
        && name.equals(that.name)
        && op == that.op
        && value.equals(that.value);
  }

  @Override
  public int hashCode() {
    return (name.hashCode() * 31 + op.hashCode()) * 31 + value.hashCode();
  }

  @Override
  public String toString() {
    String label = LabelText.isLabelName(name) ? name : LabelText.quote(name);
    return label + op.symbol() + LabelText.quote(value);
  }
}
