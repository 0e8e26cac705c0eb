package dev.tocsin.promql.parse;

import dev.tocsin.promql.ast.AggregateExpr;
import dev.tocsin.promql.ast.AtModifier;
import dev.tocsin.promql.ast.BinaryExpr;
import dev.tocsin.promql.ast.Call;
import dev.tocsin.promql.ast.DurationExpr;
import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.ast.MatrixSelector;
import dev.tocsin.promql.ast.NumberLiteral;
import dev.tocsin.promql.ast.ParenExpr;
import dev.tocsin.promql.ast.StringLiteral;
import dev.tocsin.promql.ast.SubqueryExpr;
import dev.tocsin.promql.ast.TimeShift;
import dev.tocsin.promql.ast.UnaryExpr;
import dev.tocsin.promql.ast.VectorMatching;
import dev.tocsin.promql.ast.VectorMatching.Cardinality;
import dev.tocsin.promql.ast.VectorSelector;
import dev.tocsin.promql.ast.VectorSelector.Edges;
import dev.tocsin.promql.series.LabelMatcher;
import dev.tocsin.promql.series.LabelText;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.text.GoFloats;
import dev.tocsin.promql.text.Numbers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Prints trees in Prometheus's canonical form, on one line or broken at 100 characters. */
public final class ExprPrinter {
  private static final int LINE_LENGTH_MAX = 100;

  /** What lies deeper stays on one line: thousands of levels would be mostly indentation. */
  private static final int INDENTED_LEVELS_MAX = 50;

  private ExprPrinter() {}

  /** Works off a list of texts and expressions, so that no depth is too deep. */
  public static String print(Expr expr) {
    return print(expr, Integer.MAX_VALUE);
  }

  /** The text, or as much of it as tells that it is longer than this. */
  private static String print(Expr expr, int charsMax) {
    StringBuilder out = new StringBuilder();
    Deque<Object> todo = new ArrayDeque<>();
    todo.push(expr);
    while (!todo.isEmpty() && out.length() <= charsMax) {
      Object next = todo.pop();
      if (next instanceof Expr inner) {
        List<?> parts = parts(inner);
        for (int i = parts.size() - 1; i >= 0; i--) {
          todo.push(parts.get(i));
        }
      } else {
        out.append(next);
      }
    }
    return out.toString();
  }

  /** An expression as texts and the expressions between them. */
  private static List<?> parts(Expr expr) {
    if (expr instanceof NumberLiteral number) {
      return List.of(number(number));
    } else if (expr instanceof StringLiteral string) {
      return List.of(LabelText.quote(string.value()));
    } else if (expr instanceof VectorSelector selector) {
      return List.of(selector(selector, ""));
    } else if (expr instanceof MatrixSelector matrix) {
      return List.of(selector(matrix.selector(), "[" + duration(matrix.range()) + "]"));
    } else if (expr instanceof SubqueryExpr subquery) {
      return List.of(subquery.expr(), subqueryTail(subquery));
    } else if (expr instanceof Call call) {
      return joined(call.function().name(), call.arguments());
    } else if (expr instanceof AggregateExpr aggregate) {
      return joined(aggregateHead(aggregate), aggregate.children());
    } else if (expr instanceof BinaryExpr binary) {
      return List.of(binary.left(), " " + operator(binary) + " ", binary.right());
    } else if (expr instanceof UnaryExpr unary) {
      return List.of(unary.negative() ? "-" : "+", unary.expr());
    }
    return List.of("(", ((ParenExpr) expr).expr(), ")");
  }

  private static List<Object> joined(String head, List<Expr> arguments) {
    List<Object> parts = new ArrayList<>();
    parts.add(head + "(");
    for (Expr argument : arguments) {
      if (parts.size() > 1) {
        parts.add(", ");
      }
      parts.add(argument);
    }
    parts.add(")");
    return parts;
  }

  public static String pretty(Expr expr) {
    return pretty(expr, 0);
  }

  private static String pretty(Expr expr, int level) {
    String indent = "  ".repeat(level);
    if (level >= INDENTED_LEVELS_MAX) {
      return indent + print(expr);
    }
    String line = print(expr, LINE_LENGTH_MAX);
    if (indent.length() + line.length() <= LINE_LENGTH_MAX) {
      return indent + line;
    }
    if (expr instanceof BinaryExpr binary) {
      return pretty(binary.left(), level + 1)
          + "\n"
          + indent
          + operator(binary)
          + "\n"
          + pretty(binary.right(), level + 1);
    } else if (expr instanceof AggregateExpr aggregate) {
      return indent + aggregateHead(aggregate) + block(aggregate.children(), level);
    } else if (expr instanceof Call call) {
      return indent + call.function().name() + block(call.arguments(), level);
    } else if (expr instanceof ParenExpr paren) {
      return indent + block(List.of(paren.expr()), level);
    } else if (expr instanceof SubqueryExpr subquery) {
      return pretty(subquery.expr(), level) + subqueryTail(subquery);
    } else if (expr instanceof UnaryExpr unary) {
      return indent + (unary.negative() ? "-" : "+") + pretty(unary.expr(), level).stripLeading();
    }
    return indent + print(expr);
  }

  private static String block(List<Expr> children, int level) {
    List<String> lines = new ArrayList<>();
    for (Expr child : children) {
      lines.add(pretty(child, level + 1));
    }
    return "(\n" + String.join(",\n", lines) + "\n" + "  ".repeat(level) + ")";
  }

  private static String number(NumberLiteral number) {
    if (number.duration()) {
      return Durations.print(Math.round(number.value() * 1000));
    }
    return Numbers.print(number.value());
  }

  private static String selector(VectorSelector selector, String range) {
    StringBuilder out = new StringBuilder(selector.name());
    List<LabelMatcher> matchers = selector.matchers();
    if (!selector.name().isEmpty()) {
      matchers = matchers.subList(0, matchers.size() - 1);
    }
    if (!matchers.isEmpty() || selector.name().isEmpty()) {
      out.append(
          matchers.stream().map(ExprPrinter::matcher).collect(Collectors.joining(",", "{", "}")));
    }
    out.append(range);
    if (selector.edges() != Edges.PLAIN) {
      out.append(' ').append(selector.edges().name().toLowerCase(Locale.ROOT));
    }
    return out.append(shift(selector.shift())).toString();
  }

  private static String matcher(LabelMatcher matcher) {
    boolean quotedName =
        matcher.name().equals(Labels.METRIC_NAME)
            && matcher.op() == LabelMatcher.Op.EQ
            && !LabelText.isMetricName(matcher.value());
    return quotedName ? LabelText.quote(matcher.value()) : matcher.toString();
  }

  private static String subqueryTail(SubqueryExpr subquery) {
    DurationExpr step = subquery.step();
    return "["
        + duration(subquery.range())
        + ":"
        + (step == null ? "" : duration(step))
        + "]"
        + shift(subquery.shift());
  }

  private static String shift(TimeShift shift) {
    StringBuilder out = new StringBuilder();
    AtModifier at = shift.at();
    if (at instanceof AtModifier.Timestamp timestamp) {
      out.append(String.format(Locale.ROOT, " @ %.3f", timestamp.timestampMs() / 1000.0));
    } else if (at != null) {
      out.append(at instanceof AtModifier.Start ? " @ start()" : " @ end()");
    }
    DurationExpr offset = shift.offset();
    if (offset != null) {
      out.append(" offset ").append(duration(offset));
    }
    return out.toString();
  }

  private static String aggregateHead(AggregateExpr aggregate) {
    String head = aggregate.op().text();
    if (aggregate.without()) {
      return head + " without (" + labels(aggregate.grouping()) + ") ";
    }
    return aggregate.grouping().isEmpty()
        ? head
        : head + " by (" + labels(aggregate.grouping()) + ") ";
  }

  private static String labels(List<String> names) {
    return names.stream()
        .map(name -> LabelText.isLabelName(name) ? name : LabelText.quote(name))
        .collect(Collectors.joining(", "));
  }

  private static String operator(BinaryExpr binary) {
    StringBuilder out = new StringBuilder(binary.op().symbol());
    if (binary.bool()) {
      out.append(" bool");
    }
    VectorMatching matching = binary.matching();
    if (matching == null) {
      return out.toString();
    }
    boolean grouped =
        matching.cardinality() == Cardinality.MANY_TO_ONE
            || matching.cardinality() == Cardinality.ONE_TO_MANY;
    if (matching.on() || !matching.labels().isEmpty() || grouped) {
      out.append(matching.on() ? " on (" : " ignoring (")
          .append(labels(matching.labels()))
          .append(')');
    }
    if (grouped) {
      boolean left = matching.cardinality() == Cardinality.MANY_TO_ONE;
      out.append(left ? " group_left (" : " group_right (")
          .append(labels(matching.include()))
          .append(')');
    }
    return out.append(fills(matching)).toString();
  }

  private static String fills(VectorMatching matching) {
    Double left = matching.fillLeft();
    Double right = matching.fillRight();
    if (left != null && left.equals(right)) {
      return " fill (" + Numbers.print(left) + ")";
    }
    return (left == null ? "" : " fill_left (" + Numbers.print(left) + ")")
        + (right == null ? "" : " fill_right (" + Numbers.print(right) + ")");
  }

  static String duration(DurationExpr expr) {
    if (expr instanceof DurationExpr.Literal literal) {
      return literal.plainNumber()
          ? GoFloats.plain(literal.seconds())
          : Durations.print(Math.round(literal.seconds() * 1000));
    } else if (expr instanceof DurationExpr.Negated negated) {
      return "-" + duration(negated.operand());
    } else if (expr instanceof DurationExpr.Paren paren) {
      return "(" + duration(paren.inner()) + ")";
    } else if (expr instanceof DurationExpr.Binary binary) {
      String left = duration(binary.left());
      String right = duration(binary.right());
      return switch (binary.op()) {
        case MIN, MAX -> binary.op().symbol() + "(" + left + ", " + right + ")";
        default -> left + " " + binary.op().symbol() + " " + right;
      };
    }
    return expr instanceof DurationExpr.Step ? "step()" : "range()";
  }
}
