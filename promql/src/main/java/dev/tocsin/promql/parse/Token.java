package dev.tocsin.promql.parse;

import dev.tocsin.promql.ast.AggregateOp;
import dev.tocsin.promql.ast.SourceRange;
import dev.tocsin.promql.series.LabelText;
import java.util.Locale;
import java.util.Set;

/** A lexical unit: its kind, its text as written, and where it starts. */
record Token(Kind kind, String text, int start) {
  /** What a token is. Words are told apart by the parser, since most keywords are also names. */
  enum Kind {
    END,
    WORD,
    NUMBER,
    DURATION,
    STRING,
    SYMBOL
  }

  private static final Set<String> KEYWORDS =
      Set.of(
          "offset",
          "by",
          "without",
          "on",
          "ignoring",
          "group_left",
          "group_right",
          "bool",
          "anchored",
          "smoothed",
          "fill",
          "fill_left",
          "fill_right",
          "start",
          "end",
          "step",
          "range");

  private static final Set<String> WORD_OPERATORS = Set.of("and", "or", "unless", "atan2");

  int end() {
    return start + text.length();
  }

  SourceRange range() {
    return new SourceRange(start, end());
  }

  boolean isSymbol(String symbol) {
    return kind == Kind.SYMBOL && text.equals(symbol);
  }

  /** Whether this is the given keyword, in any case. */
  boolean isWord(String keyword) {
    return kind == Kind.WORD && text.equalsIgnoreCase(keyword);
  }

  /** The token as error texts name it. */
  String describe() {
    return switch (kind) {
      case END -> "end of input";
      case STRING -> "string " + shortened();
      case NUMBER -> "number " + shortened();
      case DURATION -> "duration " + shortened();
      case SYMBOL -> describeSymbol();
      case WORD -> describeWord();
    };
  }

  private String describeSymbol() {
    return switch (text) {
      case "(", ")", "{", "}", "[", "]", ",", ":", ";", "=" -> LabelText.quote(text);
      default -> "<op:" + text + ">";
    };
  }

  private String describeWord() {
    String lower = text.toLowerCase(Locale.ROOT);
    if (WORD_OPERATORS.contains(lower)) {
      return "<op:" + lower + ">";
    } else if (AggregateOp.of(lower) != null) {
      return "<aggr:" + lower + ">";
    } else if (KEYWORDS.contains(lower)) {
      return "<" + lower + ">";
    }
    String kindName = text.indexOf(':') >= 0 ? "metric identifier " : "identifier ";
    return kindName + LabelText.quote(text);
  }

  private String shortened() {
    return text.length() > 10
        ? LabelText.quote(text.substring(0, 10)) + "..."
        : LabelText.quote(text);
  }
}
