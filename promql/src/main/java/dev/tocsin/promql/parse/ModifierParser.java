package dev.tocsin.promql.parse;

import dev.tocsin.promql.ast.AtModifier;
import dev.tocsin.promql.ast.DurationExpr;
import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.ast.MatrixSelector;
import dev.tocsin.promql.ast.NumberLiteral;
import dev.tocsin.promql.ast.SourceRange;
import dev.tocsin.promql.ast.SubqueryExpr;
import dev.tocsin.promql.ast.TimeShift;
import dev.tocsin.promql.ast.ValueType;
import dev.tocsin.promql.ast.VectorSelector;
import dev.tocsin.promql.ast.VectorSelector.Edges;
import dev.tocsin.promql.parse.Token.Kind;
import dev.tocsin.promql.series.LabelText;
import dev.tocsin.promql.text.Numbers;
import org.jspecify.annotations.Nullable;

/** What may follow an expression: ranges, subqueries, offset, @, anchored and smoothed. */
final class ModifierParser {
  private final TokenStream in;
  private final DurationParser durations;

  ModifierParser(TokenStream in) {
    this.in = in;
    this.durations = new DurationParser(in);
  }

  Expr postfix(Expr expr) {
    Expr result = expr;
    while (true) {
      Token token = in.peek();
      if (token.isSymbol("[")) {
        result = range(result);
      } else if (token.isWord("offset")) {
        in.next();
        result = offset(result, durations.offset());
      } else if (token.isSymbol("@")) {
        in.next();
        result = at(result, timestamp(result));
      } else if (token.isWord("anchored") || token.isWord("smoothed")) {
        in.next();
        result = edges(result, token.isWord("anchored") ? Edges.ANCHORED : Edges.SMOOTHED);
      } else {
        return result;
      }
    }
  }

  NumberLiteral number(Token token) {
    return new NumberLiteral(durations.value(token), token.kind() == Kind.DURATION, token.range());
  }

  private Expr range(Expr expr) {
    Token open = in.next();
    DurationExpr range = durations.positive();
    if (in.takeSymbol(":")) {
      @Nullable DurationExpr step = in.peek().isSymbol("]") ? null : durations.positive();
      in.expectSymbol("]", "subquery selector", "\"]\"");
      if (expr.type() == ValueType.MATRIX) {
        // Said here, so that a row of ranges is no deep tree for the type check.
        throw in.error(
            expr.position(), "subquery is only allowed on instant vector, got matrix instead");
      }
      return new SubqueryExpr(expr, range, step, TimeShift.NONE, until(expr));
    }
    in.expectSymbol("]", "subquery or range", "\":\" or \"]\"");
    if (!(expr instanceof VectorSelector selector)) {
      throw in.error(open.start(), "ranges only allowed for vector selectors");
    } else if (selector.shift().offset() != null) {
      throw in.error(open.start(), "no offset modifiers allowed before range");
    } else if (selector.shift().at() != null) {
      throw in.error(open.start(), "no @ modifiers allowed before range");
    }
    return new MatrixSelector(selector, range, until(expr));
  }

  private Expr offset(Expr expr, DurationExpr offset) {
    TimeShift shift = shift(expr, "offset modifier");
    if (shift.offset() != null) {
      throw in.error(expr.position(), "offset may not be set multiple times");
    }
    return shifted(expr, new TimeShift(offset, shift.at()));
  }

  private Expr at(Expr expr, AtModifier at) {
    TimeShift shift = shift(expr, "@ modifier");
    if (shift.at() != null) {
      throw in.error(expr.position(), "@ <timestamp> may not be set multiple times");
    }
    return shifted(expr, new TimeShift(shift.offset(), at));
  }

  private TimeShift shift(Expr expr, String modifier) {
    if (expr instanceof VectorSelector selector) {
      return selector.shift();
    } else if (expr instanceof MatrixSelector matrix) {
      return matrix.selector().shift();
    } else if (expr instanceof SubqueryExpr subquery) {
      return subquery.shift();
    }
    throw in.error(
        expr.position(),
        modifier
            + " must be preceded by an instant vector selector or range vector selector or a subquery");
  }

  private Expr shifted(Expr expr, TimeShift shift) {
    if (expr instanceof VectorSelector selector) {
      return selector.withShift(shift, until(expr));
    } else if (expr instanceof MatrixSelector matrix) {
      VectorSelector selector = matrix.selector();
      return new MatrixSelector(
          selector.withShift(shift, selector.position()), matrix.range(), until(expr));
    }
    return ((SubqueryExpr) expr).withShift(shift, until(expr));
  }

  private Expr edges(Expr expr, Edges edges) {
    String word = edges == Edges.ANCHORED ? "anchored" : "smoothed";
    if (!in.options().extendedRangeSelectors()) {
      throw in.error(expr.position(), word + " modifier is experimental and not enabled");
    } else if (expr instanceof SubqueryExpr) {
      throw in.error(expr.position(), word + " modifier is not supported for subqueries");
    }
    VectorSelector selector = null;
    if (expr instanceof VectorSelector vector) {
      selector = vector;
    } else if (expr instanceof MatrixSelector matrix) {
      selector = matrix.selector();
    }
    if (selector == null) {
      throw in.error(expr.position(), word + " modifier not implemented");
    } else if (selector.edges() != Edges.PLAIN && selector.edges() != edges) {
      throw in.error(expr.position(), "anchored and smoothed modifiers cannot be used together");
    }
    if (expr instanceof MatrixSelector matrix) {
      VectorSelector changed = selector.withEdges(edges, selector.position());
      return new MatrixSelector(changed, matrix.range(), until(expr));
    }
    return selector.withEdges(edges, until(expr));
  }

  private AtModifier timestamp(Expr expr) {
    Token token = in.peek();
    if (token.isWord("start") || token.isWord("end")) {
      in.next();
      in.expectSymbol("(", "@", "timestamp");
      in.expectSymbol(")", "@", "timestamp");
      return token.isWord("start") ? new AtModifier.Start() : new AtModifier.End();
    }
    boolean negative = token.isSymbol("-");
    if (negative || token.isSymbol("+")) {
      in.next();
    }
    Token number = in.peek();
    boolean special = number.isWord("inf") || number.isWord("nan");
    if (number.kind() != Kind.NUMBER && number.kind() != Kind.DURATION && !special) {
      throw in.unexpected("@", "timestamp");
    }
    in.next();
    double seconds = special ? Double.NaN : durations.value(number);
    if (number.isWord("inf")) {
      seconds = Double.POSITIVE_INFINITY;
    }
    seconds = negative ? -seconds : seconds;
    if (!(Math.abs(seconds) < 9.2e15)) {
      throw in.error(expr.position(), "timestamp out of bounds for @ modifier: " + fixed(seconds));
    }
    return new AtModifier.Timestamp(Math.round(seconds * 1000));
  }

  private static String fixed(double value) {
    return Double.isNaN(value) || Double.isInfinite(value)
        ? LabelText.quote(Numbers.print(value)).replace("\"", "")
        : String.format(java.util.Locale.ROOT, "%f", value);
  }

  private SourceRange until(Expr expr) {
    return new SourceRange(expr.position().start(), in.lastEnd());
  }
}
