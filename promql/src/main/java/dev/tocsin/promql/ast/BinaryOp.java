package dev.tocsin.promql.ast;

/** The binary operators with their precedence; a higher one binds tighter. */
public enum BinaryOp {
  OR("or", 1),
  AND("and", 2),
  UNLESS("unless", 2),
  EQL("==", 3),
  NEQ("!=", 3),
  LTE("<=", 3),
  LSS("<", 3),
  GTE(">=", 3),
  GTR(">", 3),
  TRIM_UPPER("</", 3),
  TRIM_LOWER(">/", 3),
  ADD("+", 4),
  SUB("-", 4),
  MUL("*", 5),
  DIV("/", 5),
  MOD("%", 5),
  ATAN2("atan2", 5),
  POW("^", 6);

  private final String symbol;
  private final int precedence;

  BinaryOp(String symbol, int precedence) {
    this.symbol = symbol;
    this.precedence = precedence;
  }

  public String symbol() {
    return symbol;
  }

  public int precedence() {
    return precedence;
  }

  public boolean rightAssociative() {
    return this == POW;
  }

  public boolean set() {
    return this == OR || this == AND || this == UNLESS;
  }

  public boolean comparison() {
    return precedence == 3 && !trim();
  }

  /** Whether it cuts a histogram at a value. */
  public boolean trim() {
    return this == TRIM_UPPER || this == TRIM_LOWER;
  }
}
