package dev.tocsin.storage.ports;

/** How a value is compared with the wanted one. */
public enum Comparison {
  EQUAL("="),
  NOT_EQUAL("!="),
  /** The whole text matches a regular expression of RE2 syntax. */
  MATCHES("=~"),
  MATCHES_NOT("!~"),
  LESS("<"),
  LESS_OR_EQUAL("<="),
  GREATER(">"),
  GREATER_OR_EQUAL(">="),
  /** There is a value, whatever it is. */
  EXISTS("");

  private final String symbol;

  Comparison(String symbol) {
    this.symbol = symbol;
  }

  public String symbol() {
    return symbol;
  }

  /** What {@code !=} is to {@code =}, and {@code !~} to {@code =~}; others are themselves. */
  public Comparison positive() {
    return switch (this) {
      case NOT_EQUAL -> EQUAL;
      case MATCHES_NOT -> MATCHES;
      default -> this;
    };
  }
}
