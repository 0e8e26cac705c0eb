package dev.tocsin.promql.ast;

import dev.tocsin.promql.text.PromqlException;

/**
 * A length of time in a range, offset or subquery step: a literal, or (experimental) an arithmetic
 * expression.
 */
public sealed interface DurationExpr {
  /** A literal such as {@code 5m} or {@code 300}. */
  record Literal(double seconds, boolean plainNumber) implements DurationExpr {}

  /** {@code step()}: the resolution of the query. */
  record Step() implements DurationExpr {}

  /** {@code range()}: the span from the first step of the query to its last. */
  record Range() implements DurationExpr {}

  /** A unary minus. */
  record Negated(DurationExpr operand) implements DurationExpr {}

  /** Parentheses. */
  record Paren(DurationExpr inner) implements DurationExpr {}

  /** {@code + - * / % ^}, or {@code min} and {@code max} written as calls. */
  record Binary(Op op, DurationExpr left, DurationExpr right) implements DurationExpr {}

  /** The operators of {@link Binary}. */
  enum Op {
    ADD("+"),
    SUB("-"),
    MUL("*"),
    DIV("/"),
    MOD("%"),
    POW("^"),
    MIN("min"),
    MAX("max");

    private final String symbol;

    Op(String symbol) {
      this.symbol = symbol;
    }

    public String symbol() {
      return symbol;
    }
  }

  /** What {@code step()} and {@code range()} stand for. */
  record Scope(long stepMs, long rangeMs) {
    public static final Scope INSTANT = new Scope(0, 0);
  }

  static DurationExpr ofMillis(long millis) {
    return new Literal(millis / 1000.0, false);
  }

  /**
   * The value in milliseconds.
   *
   * @throws PromqlException when the value is not positive although it must be, or beyond what fits
   */
  default long millis(Scope scope, boolean allowNegative) {
    double seconds = seconds(this, scope);
    if (!allowNegative && !(seconds > 0)) {
      throw new PromqlException(PromqlException.Kind.EXECUTION, "duration must be greater than 0");
    }
    if (!(Math.abs(seconds) < 9.2e9)) {
      throw new PromqlException(PromqlException.Kind.EXECUTION, "duration is out of range");
    }
    return Math.round(seconds * 1000);
  }

  private static double seconds(DurationExpr expr, Scope scope) {
    if (expr instanceof Literal literal) {
      return literal.seconds();
    } else if (expr instanceof Step) {
      return scope.stepMs() / 1000.0;
    } else if (expr instanceof Range) {
      return scope.rangeMs() / 1000.0;
    } else if (expr instanceof Negated negated) {
      return -seconds(negated.operand(), scope);
    } else if (expr instanceof Paren paren) {
      return seconds(paren.inner(), scope);
    }
    Binary binary = (Binary) expr;
    double left = seconds(binary.left(), scope);
    double right = seconds(binary.right(), scope);
    return switch (binary.op()) {
      case ADD -> left + right;
      case SUB -> left - right;
      case MUL -> left * right;
      case DIV -> {
        failOnZero(right, "division by zero");
        yield left / right;
      }
      case MOD -> {
        failOnZero(right, "modulo by zero");
        yield left % right;
      }
      case POW -> Math.pow(left, right);
      case MIN -> Math.min(left, right);
      case MAX -> Math.max(left, right);
    };
  }

  private static void failOnZero(double divisor, String message) {
    if (divisor == 0) {
      throw new PromqlException(PromqlException.Kind.EXECUTION, message);
    }
  }
}
