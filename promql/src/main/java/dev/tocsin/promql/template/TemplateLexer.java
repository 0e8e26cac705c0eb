package dev.tocsin.promql.template;

import java.util.ArrayList;
import java.util.List;

/** Splits a template into text and the tokens of its actions. */
final class TemplateLexer {
  /** What a token is. */
  enum Kind {
    TEXT,
    OPEN,
    CLOSE,
    WORD,
    FIELD,
    VARIABLE,
    DOT,
    STRING,
    NUMBER,
    CHARACTER,
    SYMBOL,
    SPACE,
    END
  }

  record Token(Kind kind, String text, int line) {}

  private final String input;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;

  private TemplateLexer(String input) {
    this.input = input;
  }

  static List<Token> tokens(String input) {
    return new TemplateLexer(input).run();
  }

  private List<Token> run() {
    boolean trimNext = false;
    while (true) {
      int open = input.indexOf("{{", at);
      String text = open < 0 ? input.substring(at) : input.substring(at, open);
      boolean trimBefore = open >= 0 && input.startsWith("{{- ", open);
      trimBefore |= open >= 0 && input.startsWith("{{-", open) && isBlankAt(open + 3);
      String kept = trimNext ? text.stripLeading() : text;
      kept = trimBefore ? kept.stripTrailing() : kept;
      if (!kept.isEmpty()) {
        add(Kind.TEXT, kept);
      }
      countLines(text);
      if (open < 0) {
        add(Kind.END, "");
        return tokens;
      }
      at = open + (trimBefore ? 3 : 2);
      trimNext = action();
    }
  }

  private boolean isBlankAt(int index) {
    return index < input.length() && Character.isWhitespace(input.charAt(index));
  }

  /** Lexes up to and including the closing braces. True when they trim the text after them. */
  private boolean action() {
    if (input.startsWith("/*", skipBlank(at))) {
      return comment();
    }
    add(Kind.OPEN, "{{");
    while (true) {
      if (at >= input.length()) {
        throw new TemplateException(line + ": unclosed action");
      } else if (input.startsWith("}}", at)) {
        at += 2;
        add(Kind.CLOSE, "}}");
        return false;
      } else if (Character.isWhitespace(input.charAt(at))
          && input.startsWith("-}}", skipBlank(at))) {
        countLines(input.substring(at, skipBlank(at)));
        at = skipBlank(at) + 3;
        add(Kind.CLOSE, "}}");
        return true;
      }
      token(input.charAt(at));
    }
  }

  private int skipBlank(int from) {
    int i = from;
    while (i < input.length() && Character.isWhitespace(input.charAt(i))) {
      i++;
    }
    return i;
  }

  private boolean comment() {
    int end = input.indexOf("*/", at);
    if (end < 0) {
      throw new TemplateException(line + ": unclosed comment");
    }
    countLines(input.substring(at, end));
    int after = skipBlank(end + 2);
    boolean trim = after > end + 2 && input.startsWith("-}}", after);
    if (!trim && !input.startsWith("}}", end + 2)) {
      throw new TemplateException(line + ": comment ends before closing delimiter");
    }
    at = trim ? after + 3 : end + 4;
    return trim;
  }

  private void token(char c) {
    int start = at;
    if (Character.isWhitespace(c)) {
      at = skipBlank(at);
      add(Kind.SPACE, " ");
      countLines(input.substring(start, at));
    } else if (c == '"' || c == '`' || c == '\'') {
      quoted(c);
    } else if (c == '$') {
      at++;
      skipWord();
      add(Kind.VARIABLE, input.substring(start + 1, at));
    } else if (c == '.') {
      dot();
    } else if (isWord(c) && !Character.isDigit(c)) {
      skipWord();
      add(Kind.WORD, input.substring(start, at));
    } else if (Character.isDigit(c) || ((c == '-' || c == '+') && digitAt(at + 1))) {
      number();
    } else if (input.startsWith(":=", at)) {
      at += 2;
      add(Kind.SYMBOL, ":=");
    } else if ("|(),=".indexOf(c) >= 0) {
      at++;
      add(Kind.SYMBOL, String.valueOf(c));
    } else {
      throw new TemplateException(line + ": unexpected " + describe(c) + " in command");
    }
  }

  private static String describe(char c) {
    return c < 0x20 || c > 0x7e ? String.format("U+%04X", (int) c) : "\"" + c + "\"";
  }

  private void dot() {
    if (digitAt(at + 1)) {
      number();
      return;
    }
    int start = ++at;
    skipWord();
    if (at == start) {
      add(Kind.DOT, ".");
    } else {
      add(Kind.FIELD, input.substring(start, at));
    }
  }

  private void number() {
    int start = at++;
    while (at < input.length()) {
      char c = input.charAt(at);
      boolean sign = (c == '+' || c == '-') && "eEpP".indexOf(input.charAt(at - 1)) >= 0;
      if (!isWord(c) && c != '.' && !sign) {
        break;
      }
      at++;
    }
    add(Kind.NUMBER, input.substring(start, at));
  }

  private void quoted(char quote) {
    int start = at++;
    while (at < input.length() && input.charAt(at) != quote) {
      char c = input.charAt(at);
      if (c == '\n' && quote != '`') {
        break;
      }
      at += c == '\\' && quote != '`' ? 2 : 1;
    }
    if (at >= input.length() || input.charAt(at) != quote) {
      throw new TemplateException(
          line
              + (quote == '`'
                  ? ": unterminated raw quoted string"
                  : ": unterminated quoted string"));
    }
    at++;
    String literal = input.substring(start, at);
    add(quote == '\'' ? Kind.CHARACTER : Kind.STRING, literal);
    countLines(literal);
  }

  private boolean digitAt(int index) {
    return index < input.length() && Character.isDigit(input.charAt(index));
  }

  private void skipWord() {
    while (at < input.length() && isWord(input.charAt(at))) {
      at++;
    }
  }

  private static boolean isWord(char c) {
    return c == '_' || Character.isLetterOrDigit(c);
  }

  private void countLines(String text) {
    for (int i = 0; i < text.length(); i++) {
      line += text.charAt(i) == '\n' ? 1 : 0;
    }
  }

  private void add(Kind kind, String text) {
    tokens.add(new Token(kind, text, line));
  }
}
