package dev.tocsin.promql.parse;

import dev.tocsin.promql.ast.DurationExpr;
import dev.tocsin.promql.ast.DurationExpr.Op;
import dev.tocsin.promql.parse.Token.Kind;
import dev.tocsin.promql.series.LabelText;
import dev.tocsin.promql.text.Numbers;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Durations: literals everywhere, arithmetic where the options allow it. */
final class DurationParser {
  private static final List<List<Op>> LEVELS =
      List.of(List.of(Op.ADD, Op.SUB), List.of(Op.MUL, Op.DIV, Op.MOD));

  private final TokenStream in;

  /** Operators of the duration that is being read. */
  private int operators;

  DurationParser(TokenStream in) {
    this.in = in;
  }

  /** The range or step of a selector: positive. */
  DurationExpr positive() {
    int start = in.peek().start();
    operators = 0;
    DurationExpr expr =
        sum(0, "subquery or range selector", "number, duration, step(), or range()");
    requireExperimental(expr, start);
    if (expr instanceof DurationExpr.Literal literal && !(literal.seconds() > 0)) {
      throw in.error(start, "duration must be greater than 0");
    }
    return expr;
  }

  /**
   * What follows {@code offset}: only a signed literal, a call or parentheses, since an operator
   * ends it.
   */
  DurationExpr offset() {
    int start = in.peek().start();
    operators = 0;
    DurationExpr expr = unary("offset", "number, duration, step(), or range()");
    requireExperimental(expr, start);
    return expr;
  }

  private void requireExperimental(DurationExpr expr, int start) {
    if (!(expr instanceof DurationExpr.Literal) && !in.options().durationExpressions()) {
      throw in.error(start, "experimental duration expression is not enabled");
    }
  }

  private DurationExpr sum(int level, String context, String expected) {
    if (level == LEVELS.size()) {
      return unary(context, expected);
    }
    in.enter();
    DurationExpr left = sum(level + 1, context, expected);
    while (true) {
      Op op = operator(LEVELS.get(level));
      if (op == null) {
        in.leave();
        return left;
      }
      count();
      in.next();
      left = new DurationExpr.Binary(op, left, sum(level + 1, "duration", "number or duration"));
    }
  }

  /** Nobody writes long ones; walking them may recurse. */
  private void count() {
    if (++operators > in.options().depthMax()) {
      throw in.error(
          in.peek().start(), "duration has more than " + in.options().depthMax() + " operators");
    }
  }

  private @Nullable Op operator(List<Op> level) {
    for (Op op : level) {
      if (in.peek().isSymbol(op.symbol())) {
        return op;
      }
    }
    return null;
  }

  private DurationExpr unary(String context, String expected) {
    boolean inOffset = context.equals("offset");
    Token sign = in.peek();
    if (!sign.isSymbol("-") && !sign.isSymbol("+")) {
      return inOffset ? atom(context, expected) : power(context, expected);
    }
    in.next();
    in.enter();
    DurationExpr operand = inOffset ? atom(context, expected) : unary(context, expected);
    in.leave();
    if (sign.isSymbol("+")) {
      return operand;
    } else if (operand instanceof DurationExpr.Literal literal) {
      return new DurationExpr.Literal(-literal.seconds(), literal.plainNumber());
    }
    return new DurationExpr.Negated(operand);
  }

  private DurationExpr power(String context, String expected) {
    DurationExpr base = atom(context, expected);
    if (!in.peek().isSymbol("^")) {
      return base;
    }
    count();
    in.next();
    in.enter();
    DurationExpr exponent = unary("duration", "number or duration");
    in.leave();
    return new DurationExpr.Binary(Op.POW, base, exponent);
  }

  private DurationExpr atom(String context, String expected) {
    Token token = in.peek();
    if (token.kind() == Kind.NUMBER || token.kind() == Kind.DURATION) {
      in.next();
      double seconds = value(token);
      if (!(Math.abs(seconds) < 9.2e9)) {
        throw in.error(token.start(), "duration out of range");
      }
      return new DurationExpr.Literal(seconds, token.kind() == Kind.NUMBER);
    } else if (token.isSymbol("(")) {
      in.next();
      in.enter();
      DurationExpr inner = sum(0, "duration", "number or duration");
      in.leave();
      in.expectSymbol(")", "duration", "\")\"");
      return new DurationExpr.Paren(inner);
    } else if ((token.isWord("step") || token.isWord("range")) && in.peek(1).isSymbol("(")) {
      in.next();
      in.next();
      in.expectSymbol(")", "duration", "\")\"");
      return token.isWord("step") ? new DurationExpr.Step() : new DurationExpr.Range();
    } else if ((token.isWord("min") || token.isWord("max")) && in.peek(1).isSymbol("(")) {
      return minMax(token.isWord("min") ? Op.MIN : Op.MAX);
    }
    throw in.unexpected(context, expected);
  }

  private DurationExpr minMax(Op op) {
    in.next();
    in.next();
    in.enter();
    DurationExpr left = sum(0, "duration", "number or duration");
    in.expectSymbol(",", "duration", "\",\"");
    DurationExpr right = sum(0, "duration", "number or duration");
    in.leave();
    in.expectSymbol(")", "duration", "\")\"");
    return new DurationExpr.Binary(op, left, right);
  }

  /** The number, or the seconds of the duration, a token stands for. */
  double value(Token token) {
    if (token.kind() == Kind.DURATION) {
      Long millis = Durations.parseMillis(token.text());
      if (millis == null) {
        throw in.error(
            token.start(), "not a valid duration string: " + LabelText.quote(token.text()));
      }
      return millis / 1000.0;
    }
    Double value = Numbers.parse(token.text());
    if (value == null) {
      throw in.error(token.start(), "error parsing number: " + LabelText.quote(token.text()));
    }
    return value;
  }
}
