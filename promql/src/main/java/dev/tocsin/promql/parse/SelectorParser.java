package dev.tocsin.promql.parse;

import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.ast.SourceRange;
import dev.tocsin.promql.ast.TimeShift;
import dev.tocsin.promql.ast.VectorSelector;
import dev.tocsin.promql.parse.Token.Kind;
import dev.tocsin.promql.series.LabelMatcher;
import dev.tocsin.promql.series.LabelMatcher.Op;
import dev.tocsin.promql.series.LabelText;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.text.PromqlException;
import java.util.ArrayList;
import java.util.List;

/** Series selectors and label sets in braces. */
final class SelectorParser {
  private final TokenStream in;

  SelectorParser(TokenStream in) {
    this.in = in;
  }

  /** A selector whose metric name, if any, has just been consumed. */
  Expr selector(String name) {
    int start = name.isEmpty() ? in.peek().start() : in.lastEnd() - name.length();
    List<LabelMatcher> matchers = new ArrayList<>();
    if (in.takeSymbol("{")) {
      matchers(matchers);
    }
    if (!name.isEmpty()) {
      matchers.add(LabelMatcher.equal(Labels.METRIC_NAME, name));
    }
    SourceRange position = new SourceRange(start, in.lastEnd());
    return new VectorSelector(name, matchers, TimeShift.NONE, VectorSelector.Edges.PLAIN, position);
  }

  private void matchers(List<LabelMatcher> into) {
    while (!in.takeSymbol("}")) {
      into.add(matcher());
      if (!in.takeSymbol(",") && !in.peek().isSymbol("}")) {
        throw in.unexpected("label matching", "\",\" or \"}\"");
      }
    }
  }

  private LabelMatcher matcher() {
    Token name = in.peek();
    if (name.kind() != Kind.WORD && name.kind() != Kind.STRING) {
      throw in.unexpected("label matching", "identifier or \"}\"");
    }
    in.next();
    String label = name.kind() == Kind.STRING ? unquote(name) : name.text();
    Token operator = in.peek();
    Op op = matchOp(operator);
    if (op == null) {
      if (name.kind() == Kind.STRING && (operator.isSymbol(",") || operator.isSymbol("}"))) {
        return LabelMatcher.equal(Labels.METRIC_NAME, label);
      }
      throw in.unexpected("label matching", "label matching operator");
    }
    in.next();
    Token value = in.peek();
    if (value.kind() != Kind.STRING) {
      throw in.unexpected("label matching", "string");
    }
    in.next();
    try {
      return new LabelMatcher(label, op, unquote(value));
    } catch (PromqlException badRegex) {
      throw in.error(name.start(), String.valueOf(badRegex.getMessage()));
    }
  }

  private static @org.jspecify.annotations.Nullable Op matchOp(Token token) {
    if (token.kind() == Kind.SYMBOL) {
      for (Op op : Op.values()) {
        if (op.symbol().equals(token.text())) {
          return op;
        }
      }
    }
    return null;
  }

  /** {@code name{label="value"}} with equality only. */
  Labels labelSet() {
    Labels.Builder labels = Labels.builder();
    String name = "";
    if (in.peek().kind() == Kind.WORD) {
      name = in.next().text();
    }
    if (in.takeSymbol("{")) {
      while (!in.takeSymbol("}")) {
        labelPair(labels);
        if (!in.takeSymbol(",") && !in.peek().isSymbol("}")) {
          throw in.unexpected("label set", "\",\" or \"}\"");
        }
      }
    }
    if (!name.isEmpty()) {
      labels.put(Labels.METRIC_NAME, name);
    }
    return labels.build();
  }

  private void labelPair(Labels.Builder labels) {
    Token name = in.peek();
    if (name.kind() != Kind.WORD && name.kind() != Kind.STRING) {
      throw in.unexpected("label set", "identifier or \"}\"");
    }
    in.next();
    String label = name.kind() == Kind.STRING ? unquote(name) : name.text();
    if (!in.takeSymbol("=")) {
      if (name.kind() != Kind.STRING) {
        throw in.unexpected("label set", "\"=\"");
      }
      labels.put(Labels.METRIC_NAME, label);
      return;
    }
    if (in.peek().kind() != Kind.STRING) {
      throw in.unexpected("label set", "string");
    }
    labels.put(label, unquote(in.next()));
  }

  String unquote(Token literal) {
    String text = GoStrings.unquote(literal.text());
    if (text == null) {
      throw in.error(
          literal.start(),
          "error unquoting string " + LabelText.quote(literal.text()) + ": invalid syntax");
    }
    return text;
  }
}
