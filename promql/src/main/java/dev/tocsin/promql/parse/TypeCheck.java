package dev.tocsin.promql.parse;

import dev.tocsin.promql.ast.AggregateExpr;
import dev.tocsin.promql.ast.AggregateOp;
import dev.tocsin.promql.ast.BinaryExpr;
import dev.tocsin.promql.ast.BinaryOp;
import dev.tocsin.promql.ast.Call;
import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.ast.Function;
import dev.tocsin.promql.ast.MatrixSelector;
import dev.tocsin.promql.ast.ParenExpr;
import dev.tocsin.promql.ast.SourceRange;
import dev.tocsin.promql.ast.SubqueryExpr;
import dev.tocsin.promql.ast.UnaryExpr;
import dev.tocsin.promql.ast.ValueType;
import dev.tocsin.promql.ast.VectorMatching;
import dev.tocsin.promql.ast.VectorMatching.Cardinality;
import dev.tocsin.promql.ast.VectorSelector;
import dev.tocsin.promql.series.LabelMatcher;
import dev.tocsin.promql.series.LabelText;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.text.PromqlException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks the types of a parsed tree and settles how the sides of binary operators match. */
final class TypeCheck {
  private final String input;

  TypeCheck(String input) {
    this.input = input;
  }

  Expr check(Expr expr) {
    if (expr instanceof BinaryExpr binary) {
      return checkBinary(binary);
    } else if (expr instanceof Call call) {
      return checkCall(call);
    } else if (expr instanceof AggregateExpr aggregate) {
      return checkAggregate(aggregate);
    } else if (expr instanceof ParenExpr paren) {
      return new ParenExpr(check(paren.expr()), paren.position());
    } else if (expr instanceof UnaryExpr unary) {
      return checkUnary(unary);
    } else if (expr instanceof SubqueryExpr subquery) {
      Expr inner = check(subquery.expr());
      if (inner.type() != ValueType.VECTOR) {
        throw error(
            subquery.position(),
            "subquery is only allowed on instant vector, got "
                + shortName(inner.type())
                + " instead");
      }
      return new SubqueryExpr(
          inner, subquery.range(), subquery.step(), subquery.shift(), subquery.position());
    } else if (expr instanceof MatrixSelector matrix) {
      checkSelector(matrix.selector());
    } else if (expr instanceof VectorSelector selector) {
      checkSelector(selector);
    }
    return expr;
  }

  private static String shortName(ValueType type) {
    return switch (type) {
      case VECTOR -> "vector";
      case MATRIX -> "matrix";
      default -> type.documented();
    };
  }

  private Expr checkUnary(UnaryExpr unary) {
    Expr operand = check(unary.expr());
    if (!ExprParser.isArithmetic(operand.type())) {
      throw error(
          unary.position(),
          "unary expression only allowed on expressions of type scalar or instant vector, got "
              + LabelText.quote(operand.type().documented()));
    }
    return new UnaryExpr(unary.negative(), operand, unary.position());
  }

  private Expr checkAggregate(AggregateExpr aggregate) {
    Expr vector = check(aggregate.expr());
    expect(vector, ValueType.VECTOR, "aggregation expression");
    Expr parameter = aggregate.parameter();
    if (parameter != null) {
      parameter = check(parameter);
      boolean text = aggregate.op() == AggregateOp.COUNT_VALUES;
      expect(parameter, text ? ValueType.STRING : ValueType.SCALAR, "aggregation parameter");
    }
    return new AggregateExpr(
        aggregate.op(),
        vector,
        parameter,
        aggregate.grouping(),
        aggregate.without(),
        aggregate.position());
  }

  private Expr checkCall(Call call) {
    Function function = call.function();
    checkArgumentCount(call);
    List<Expr> arguments = new ArrayList<>();
    for (int i = 0; i < call.arguments().size(); i++) {
      Expr argument = call.arguments().get(i);
      boolean infoSelector = function.name().equals("info") && i == 1;
      Expr checked = infoSelector ? checkInfoSelector(argument) : check(argument);
      ValueType wanted = function.arguments().get(Math.min(i, function.arguments().size() - 1));
      expect(checked, wanted, "call to function " + LabelText.quote(function.name()));
      arguments.add(checked);
    }
    return new Call(function, arguments, call.position());
  }

  private void checkArgumentCount(Call call) {
    Function function = call.function();
    int wanted = function.arguments().size();
    int got = call.arguments().size();
    String where = " argument(s) in call to " + LabelText.quote(function.name()) + ", got " + got;
    if (function.variadic() == 0 && got != wanted) {
      throw error(call.position(), "expected " + wanted + where);
    } else if (function.variadic() != 0 && got < wanted - 1) {
      throw error(call.position(), "expected at least " + (wanted - 1) + where);
    } else if (function.variadic() > 0 && got > wanted - 1 + function.variadic()) {
      throw error(
          call.position(), "expected at most " + (wanted - 1 + function.variadic()) + where);
    }
  }

  private Expr checkInfoSelector(Expr argument) {
    if (!(argument instanceof VectorSelector selector)) {
      throw error(argument.position(), "expected label selectors only");
    } else if (!selector.name().isEmpty()) {
      throw error(
          argument.position(), "expected label selectors only, got vector selector instead");
    }
    return argument;
  }

  private Expr checkBinary(BinaryExpr binary) {
    return binary.fold(
        new BinaryExpr.Fold<Expr>() {
          @Override
          public Expr operand(Expr expr) {
            return check(expr);
          }

          @Override
          public Expr operation(BinaryExpr expr, Expr left, Expr right) {
            return checkOperation(expr, left, right);
          }
        });
  }

  private BinaryExpr checkOperation(BinaryExpr binary, Expr left, Expr right) {
    BinaryOp op = binary.op();
    SourceRange place = operatorPlace(binary);
    VectorMatching matching = binary.matching();
    boolean scalars = left.type() == ValueType.SCALAR && right.type() == ValueType.SCALAR;
    if (binary.bool() && !op.comparison()) {
      throw error(place, "bool modifier can only be used on comparison operators");
    } else if (op.comparison() && !binary.bool() && scalars) {
      throw error(place, "comparisons between scalars must use BOOL modifier");
    }
    for (Expr side : List.of(left, right)) {
      if (!ExprParser.isArithmetic(side.type())) {
        throw error(
            side.position(), "binary expression must contain only scalar and instant vector types");
      }
    }
    boolean vectors = left.type() == ValueType.VECTOR && right.type() == ValueType.VECTOR;
    if (matching != null) {
      matching = checkMatching(binary, matching, place, vectors);
    }
    if (op.set() && !vectors) {
      throw error(
          binary.position(),
          "set operator "
              + LabelText.quote(op.symbol())
              + " not allowed in binary scalar expression");
    }
    return new BinaryExpr(op, left, right, matching, binary.bool(), binary.position());
  }

  private @Nullable VectorMatching checkMatching(
      BinaryExpr binary, VectorMatching matching, SourceRange place, boolean vectors) {
    boolean fills = matching.fillLeft() != null || matching.fillRight() != null;
    if (matching.on()) {
      Set<String> included = new HashSet<>(matching.include());
      for (String label : matching.labels()) {
        if (included.contains(label)) {
          throw error(
              place,
              "label " + LabelText.quote(label) + " must not occur in ON and GROUP clause at once");
        }
      }
    }
    if (!vectors) {
      if (!matching.labels().isEmpty()) {
        throw error(binary.position(), "vector matching only allowed between instant vectors");
      } else if (fills) {
        throw error(
            binary.position(), "filling in missing series only allowed between instant vectors");
      }
      return null;
    }
    if (!binary.op().set()) {
      return matching;
    }
    if (matching.cardinality() != Cardinality.ONE_TO_ONE) {
      throw error(
          binary.position(),
          "no grouping allowed for " + LabelText.quote(binary.op().symbol()) + " operation");
    } else if (fills) {
      throw error(binary.position(), "filling in missing series not allowed for set operators");
    }
    return matching.withCardinality(Cardinality.MANY_TO_MANY);
  }

  private SourceRange operatorPlace(BinaryExpr binary) {
    int start = Math.min(binary.left().position().end(), input.length());
    while (start < input.length() && Character.isWhitespace(input.charAt(start))) {
      start++;
    }
    return new SourceRange(start, binary.right().position().start());
  }

  private void checkSelector(VectorSelector selector) {
    List<LabelMatcher> matchers = selector.matchers();
    if (!selector.name().isEmpty()) {
      for (LabelMatcher matcher : matchers.subList(0, matchers.size() - 1)) {
        if (matcher.name().equals(Labels.METRIC_NAME)) {
          throw error(
              selector.position(),
              "metric name must not be set twice: "
                  + LabelText.quote(selector.name())
                  + " or "
                  + LabelText.quote(matcher.value()));
        }
      }
      return;
    }
    for (LabelMatcher matcher : matchers) {
      if (!matcher.matches("")) {
        return;
      }
    }
    throw error(selector.position(), "vector selector must contain at least one non-empty matcher");
  }

  private void expect(Expr expr, ValueType wanted, String context) {
    if (expr.type() != wanted) {
      throw error(
          expr.position(),
          "expected type "
              + wanted.documented()
              + " in "
              + context
              + ", got "
              + expr.type().documented());
    }
  }

  private PromqlException error(SourceRange range, String message) {
    return ParseErrors.at(input, range.start(), message);
  }
}
