package dev.tocsin.promql.parse;

import dev.tocsin.promql.ast.AggregateExpr;
import dev.tocsin.promql.ast.AggregateOp;
import dev.tocsin.promql.ast.BinaryExpr;
import dev.tocsin.promql.ast.BinaryOp;
import dev.tocsin.promql.ast.Call;
import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.ast.Function;
import dev.tocsin.promql.ast.NumberLiteral;
import dev.tocsin.promql.ast.ParenExpr;
import dev.tocsin.promql.ast.SourceRange;
import dev.tocsin.promql.ast.StringLiteral;
import dev.tocsin.promql.ast.UnaryExpr;
import dev.tocsin.promql.ast.ValueType;
import dev.tocsin.promql.ast.VectorSelector;
import dev.tocsin.promql.parse.Token.Kind;
import dev.tocsin.promql.series.LabelMatcher;
import dev.tocsin.promql.series.LabelText;
import dev.tocsin.promql.series.Labels;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An operator-precedence parser over {@link TokenStream}; {@link TypeCheck} has the last word. */
public final class ExprParser {
  /** A unary sign binds as tightly as a product: {@code -a^b} is {@code -(a^b)}. */
  private static final int UNARY_OPERAND = BinaryOp.POW.precedence();

  /** Words that cannot be a metric name where an expression is expected. */
  private static final Set<String> RESERVED =
      Set.of("on", "ignoring", "group_left", "group_right", "bool", "atan2");

  private final TokenStream in;
  private final SelectorParser selectors;
  private final ModifierParser modifiers;
  private final MatchingParser matchings;

  private ExprParser(String query, ParserOptions options) {
    this.in = new TokenStream(query, options);
    this.selectors = new SelectorParser(in);
    this.modifiers = new ModifierParser(in);
    this.matchings = new MatchingParser(in);
  }

  public static Expr parse(String query, ParserOptions options) {
    try {
      return checked(query, options);
    } catch (StackOverflowError e) {
      // Depth is bounded, so this is a caller with very little stack.
      throw ParseErrors.at(query, 0, "query is nested too deeply for this thread's stack");
    }
  }

  private static Expr checked(String query, ParserOptions options) {
    ExprParser parser = new ExprParser(query, options);
    if (parser.in.peek().kind() == Kind.END) {
      throw parser.in.error(0, "no expression found in input");
    }
    Expr expr = parser.expression(1);
    if (parser.in.peek().kind() != Kind.END) {
      throw parser.in.unexpected("", "");
    }
    return new TypeCheck(query).check(expr);
  }

  public static List<LabelMatcher> parseSelector(String selector) {
    Expr expr = parse(selector, ParserOptions.STANDARD);
    if (expr instanceof VectorSelector vector
        && vector.shift().offset() == null
        && vector.shift().at() == null) {
      return vector.matchers();
    }
    throw ParseErrors.at(selector, 0, "expected a series selector");
  }

  public static Labels parseSeries(String series) {
    ExprParser parser = new ExprParser(series, ParserOptions.STANDARD);
    Labels labels = parser.selectors.labelSet();
    if (parser.in.peek().kind() != Kind.END) {
      throw parser.in.unexpected("", "");
    }
    return labels;
  }

  /** An operator with its left side, waiting for the end of its right side. */
  private record Pending(BinaryOp op, MatchingParser.Modifiers clause, Expr left) {
    /** Whether the right side ends where this operator follows. */
    boolean endsBefore(BinaryOp next) {
      return op.precedence() > next.precedence()
          || (op.precedence() == next.precedence() && !next.rightAssociative());
    }

    BinaryExpr with(Expr right) {
      return new BinaryExpr(
          op, left, right, clause.matching(), clause.bool(), left.position().to(right.position()));
    }
  }

  /** A chain of operators is no depth: only what stands inside something else is. */
  private Expr expression(int minPrecedence) {
    in.enter();
    Deque<Pending> pending = new ArrayDeque<>();
    Expr operand = unary();
    while (true) {
      BinaryOp op = operator(in.peek());
      boolean ends = op == null || op.precedence() < minPrecedence;
      while (!pending.isEmpty()
          && (ends || pending.peek().endsBefore(Objects.requireNonNull(op)))) {
        operand = pending.pop().with(operand);
      }
      if (ends) {
        in.leave();
        return operand;
      }
      in.next();
      pending.push(new Pending(Objects.requireNonNull(op), matchings.modifiers(), operand));
      operand = unary();
    }
  }

  private Expr unary() {
    Token sign = in.peek();
    if (!sign.isSymbol("-") && !sign.isSymbol("+")) {
      return modifiers.postfix(primary());
    }
    in.next();
    Expr operand = expression(UNARY_OPERAND);
    boolean negative = sign.isSymbol("-");
    SourceRange position = sign.range().to(operand.position());
    if (operand instanceof NumberLiteral number) {
      return new NumberLiteral(
          negative ? -number.value() : number.value(), number.duration(), position);
    }
    return new UnaryExpr(negative, operand, position);
  }

  private Expr primary() {
    Token token = in.peek();
    switch (token.kind()) {
      case NUMBER, DURATION -> {
        in.next();
        return modifiers.number(token);
      }
      case STRING -> {
        in.next();
        return new StringLiteral(selectors.unquote(token), token.range());
      }
      case WORD -> {
        return word(token);
      }
      default -> {}
    }
    if (token.isSymbol("(")) {
      in.next();
      Expr inner = expression(1);
      in.expectSymbol(")", "", "");
      return new ParenExpr(inner, new SourceRange(token.start(), in.lastEnd()));
    } else if (token.isSymbol("{")) {
      return selectors.selector("");
    }
    throw in.unexpected("", "");
  }

  private Expr word(Token word) {
    String lower = word.text().toLowerCase(Locale.ROOT);
    AggregateOp aggregate = AggregateOp.of(lower);
    Token after = in.peek(1);
    if (aggregate != null
        && (after.isSymbol("(") || after.isWord("by") || after.isWord("without"))) {
      return aggregate(aggregate);
    } else if (aggregate != null && !after.isSymbol("{") && !endsSelector(after)) {
      in.next();
      throw in.unexpected("aggregation", "");
    } else if (after.isSymbol("(")) {
      return call(word);
    } else if (lower.equals("inf") || lower.equals("nan")) {
      in.next();
      double value = lower.equals("inf") ? Double.POSITIVE_INFINITY : Double.NaN;
      return new NumberLiteral(value, false, word.range());
    } else if (RESERVED.contains(lower)) {
      throw in.unexpected("", "");
    }
    return selectors.selector(in.next().text());
  }

  private static boolean endsSelector(Token token) {
    return token.kind() == Kind.END
        || token.kind() == Kind.SYMBOL
        || operator(token) != null
        || isModifier(token);
  }

  private static boolean isModifier(Token token) {
    return token.isWord("offset") || token.isWord("anchored") || token.isWord("smoothed");
  }

  private Expr aggregate(AggregateOp op) {
    Token start = in.next();
    Grouping grouping = grouping();
    List<Expr> arguments = arguments("aggregation");
    if (grouping == null) {
      grouping = grouping();
    }
    SourceRange position = new SourceRange(start.start(), in.lastEnd());
    int wanted = op.parameterised() ? 2 : 1;
    if (arguments.isEmpty()) {
      throw in.error(position, "no arguments for aggregate expression provided");
    } else if (op.experimental() && !in.options().experimentalFunctions()) {
      throw in.error(
          position,
          op.text()
              + "() is experimental and must be enabled with --enable-feature=promql-experimental-functions");
    } else if (arguments.size() != wanted) {
      throw in.error(
          position,
          "wrong number of arguments for aggregate expression provided, expected "
              + wanted
              + ", got "
              + arguments.size());
    }
    return new AggregateExpr(
        op,
        arguments.get(wanted - 1),
        wanted == 2 ? arguments.get(0) : null,
        grouping == null ? List.of() : grouping.labels(),
        grouping != null && grouping.without(),
        position);
  }

  private record Grouping(List<String> labels, boolean without) {}

  private @Nullable Grouping grouping() {
    if (in.takeWord("by")) {
      return new Grouping(matchings.labelNames(), false);
    } else if (in.takeWord("without")) {
      return new Grouping(matchings.labelNames(), true);
    }
    return null;
  }

  private Expr call(Token name) {
    Function function = Function.of(name.text());
    if (function == null) {
      throw in.error(name.start(), "unknown function with name " + LabelText.quote(name.text()));
    }
    in.next();
    if (function.experimental() && !in.options().experimentalFunctions()) {
      throw in.error(name.start(), "function " + LabelText.quote(name.text()) + " is not enabled");
    }
    List<Expr> arguments = arguments("");
    return new Call(function, arguments, new SourceRange(name.start(), in.lastEnd()));
  }

  private List<Expr> arguments(String context) {
    in.expectSymbol("(", context, "");
    List<Expr> arguments = new ArrayList<>();
    if (in.takeSymbol(")")) {
      return arguments;
    }
    do {
      if (in.peek().isSymbol(")")) {
        throw in.error(in.lastEnd() - 1, "trailing commas not allowed in function call args");
      }
      arguments.add(expression(1));
    } while (in.takeSymbol(","));
    in.expectSymbol(")", context, "");
    return arguments;
  }

  private static @Nullable BinaryOp operator(Token token) {
    boolean word = token.kind() == Kind.WORD;
    if (!word && token.kind() != Kind.SYMBOL) {
      return null;
    }
    for (BinaryOp op : BinaryOp.values()) {
      if (word ? op.symbol().equalsIgnoreCase(token.text()) : op.symbol().equals(token.text())) {
        return op;
      }
    }
    return null;
  }

  /** Whether a value of this type may stand beside an arithmetic operator. */
  static boolean isArithmetic(ValueType type) {
    return type == ValueType.SCALAR || type == ValueType.VECTOR;
  }
}
