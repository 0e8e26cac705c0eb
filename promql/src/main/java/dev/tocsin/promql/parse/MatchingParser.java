package dev.tocsin.promql.parse;

import dev.tocsin.promql.ast.VectorMatching;
import dev.tocsin.promql.ast.VectorMatching.Cardinality;
import dev.tocsin.promql.parse.Token.Kind;
import dev.tocsin.promql.text.Numbers;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What may stand between a binary operator and its right side. */
final class MatchingParser {
  private final TokenStream in;

  MatchingParser(TokenStream in) {
    this.in = in;
  }

  record Modifiers(boolean bool, VectorMatching matching) {}

  Modifiers modifiers() {
    boolean bool = startsClause("bool") && in.takeWord("bool");
    boolean on = false;
    List<String> labels = List.of();
    List<String> include = List.of();
    Cardinality cardinality = Cardinality.ONE_TO_ONE;
    if (startsList("on") || startsList("ignoring")) {
      on = in.next().isWord("on");
      labels = labelNames();
      if (in.peek().isWord("group_left") || in.peek().isWord("group_right")) {
        cardinality =
            in.next().isWord("group_left") ? Cardinality.MANY_TO_ONE : Cardinality.ONE_TO_MANY;
        include = in.peek().isSymbol("(") ? labelNames() : List.of();
      }
    } else if (in.peek().isWord("on") || in.peek().isWord("ignoring")) {
      in.next();
      throw in.unexpected("grouping opts", "\"(\"");
    }
    Double[] fill = fills();
    return new Modifiers(
        bool, new VectorMatching(cardinality, on, labels, include, fill[0], fill[1]));
  }

  private boolean startsClause(String keyword) {
    return in.peek().isWord(keyword);
  }

  private boolean startsList(String keyword) {
    return in.peek().isWord(keyword) && in.peek(1).isSymbol("(");
  }

  private @Nullable Double[] fills() {
    @Nullable Double[] values = new @Nullable Double[2];
    while (startsList("fill") || startsList("fill_left") || startsList("fill_right")) {
      Token keyword = in.next();
      if (!in.options().fillModifiers()) {
        throw in.error(keyword.start(), "binop fill modifiers are experimental and not enabled");
      }
      in.next();
      double value = signedNumber();
      in.expectSymbol(")", "fill modifier", "\")\"");
      if (!keyword.isWord("fill_right")) {
        values[0] = value;
      }
      if (!keyword.isWord("fill_left")) {
        values[1] = value;
      }
    }
    return values;
  }

  private double signedNumber() {
    boolean negative = in.peek().isSymbol("-");
    if (negative || in.peek().isSymbol("+")) {
      in.next();
    }
    Token number = in.peek();
    Double value = null;
    if (number.kind() == Kind.NUMBER || number.kind() == Kind.WORD) {
      value = Numbers.parse(number.text());
    } else if (number.kind() == Kind.DURATION) {
      Long millis = Durations.parseMillis(number.text());
      value = millis == null ? null : (Double) (millis / 1000.0);
    }
    if (value == null) {
      throw in.unexpected("fill modifier", "number");
    }
    in.next();
    return negative ? -value : value;
  }

  /** A list of label names in parentheses; a trailing comma is allowed. */
  List<String> labelNames() {
    in.expectSymbol("(", "grouping opts", "\"(\"");
    List<String> names = new ArrayList<>();
    while (!in.takeSymbol(")")) {
      Token name = in.peek();
      if (name.kind() == Kind.WORD && name.text().indexOf(':') < 0) {
        names.add(in.next().text());
      } else if (name.kind() == Kind.STRING) {
        names.add(new SelectorParser(in).unquote(in.next()));
      } else {
        throw in.unexpected("grouping opts", "label");
      }
      if (!in.takeSymbol(",") && !in.peek().isSymbol(")")) {
        throw in.unexpected("grouping opts", "\",\" or \")\"");
      }
    }
    return names;
  }
}
