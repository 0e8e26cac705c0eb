package dev.tocsin.promql.parse;

import dev.tocsin.promql.parse.Token.Kind;
import dev.tocsin.promql.series.LabelText;
import dev.tocsin.promql.text.PromqlException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits a query into tokens. Comments and white space fall away; a bad character is an error at
 * its place.
 */
final class Lexer {
  private static final String[] SYMBOLS = {
    "==", "!=", "=~", "!~", "<=", "</", ">=", ">/", "<", ">", "=", "+", "-", "*", "/", "%", "^",
    "(", ")", "{", "}", "[", "]", ",", ":", "@"
  };

  private final String input;
  private final int tokensMax;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int parens;
  private boolean inBraces;
  private boolean inBrackets;

  private Lexer(String input, int tokensMax) {
    this.input = wellFormed(input);
    this.tokensMax = tokensMax;
  }

  /**
   * The text with every half of a surrogate pair that stands alone replaced, so that it prints as
   * it was read.
   */
  private static String wellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return new String(text.getBytes(StandardCharsets.UTF_16BE), StandardCharsets.UTF_16BE);
      }
    }
    return text;
  }

  static List<Token> tokens(String input, int tokensMax) {
    return new Lexer(input, tokensMax).run();
  }

  private List<Token> run() {
    while (skipBlank()) {
      if (tokens.size() >= tokensMax) {
        throw error(at, "query has more than " + tokensMax + " tokens");
      }
      lexToken(input.charAt(at));
    }
    if (inBraces) {
      throw error(at, "unexpected end of input inside braces");
    } else if (inBrackets) {
      throw error(at, "unexpected end of input inside brackets");
    } else if (parens > 0) {
      throw error(at, "unclosed left parenthesis");
    }
    tokens.add(new Token(Kind.END, "", input.length()));
    return tokens;
  }

  private boolean skipBlank() {
    while (at < input.length()) {
      char c = input.charAt(at);
      if (c == '#') {
        while (at < input.length() && input.charAt(at) != '\n') {
          at++;
        }
      } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        at++;
      } else {
        return true;
      }
    }
    return false;
  }

  private void lexToken(char c) {
    if (c == '"' || c == '\'' || c == '`') {
      lexString(c);
    } else if (isDigit(c)
        || (c == '.' && at + 1 < input.length() && isDigit(input.charAt(at + 1)))) {
      lexNumber();
    } else if (isAlpha(c) || (c == ':' && !inBraces && !inBrackets)) {
      lexWord();
    } else {
      lexSymbol(c);
    }
  }

  private void lexString(char quote) {
    int start = at++;
    while (true) {
      if (at >= input.length()) {
        throw error(start, quote == '`' ? "unterminated raw string" : "unterminated quoted string");
      }
      char c = input.charAt(at++);
      if (c == quote) {
        break;
      } else if (quote != '`' && c == '\n') {
        throw error(start, "unterminated quoted string");
      } else if (quote != '`' && c == '\\') {
        at++;
      }
    }
    add(Kind.STRING, start);
  }

  private void lexWord() {
    int start = at;
    while (at < input.length() && isWordPart(input.charAt(at))) {
      at++;
    }
    add(Kind.WORD, start);
  }

  private boolean isWordPart(char c) {
    return isAlpha(c) || isDigit(c) || (c == ':' && !inBraces && !inBrackets);
  }

  private void lexNumber() {
    int start = at;
    if (scanDuration()) {
      add(Kind.DURATION, start);
      return;
    }
    at = start;
    scanNumber();
    if (at < input.length() && (isAlpha(input.charAt(at)) || isDigit(input.charAt(at)))) {
      while (at < input.length() && (isAlpha(input.charAt(at)) || isDigit(input.charAt(at)))) {
        at++;
      }
      String text = input.substring(start, at);
      throw error(start, "bad number or duration syntax: " + LabelText.quote(text));
    }
    add(Kind.NUMBER, start);
  }

  private boolean scanDuration() {
    boolean any = false;
    while (at < input.length() && isDigit(input.charAt(at))) {
      while (at < input.length() && isDigit(input.charAt(at))) {
        at++;
      }
      if (input.startsWith("ms", at)) {
        at += 2;
      } else if (at < input.length() && "smhdwy".indexOf(input.charAt(at)) >= 0) {
        at++;
      } else {
        return false;
      }
      any = true;
    }
    return any && (at >= input.length() || !isAlpha(input.charAt(at)));
  }

  private void scanNumber() {
    if (input.startsWith("0x", at) || input.startsWith("0X", at)) {
      at += 2;
      while (at < input.length()
          && (Character.digit(input.charAt(at), 16) >= 0 || input.charAt(at) == '_')) {
        at++;
      }
      return;
    }
    scanDigits();
    if (at < input.length() && input.charAt(at) == '.') {
      at++;
      scanDigits();
    }
    if (at < input.length() && (input.charAt(at) == 'e' || input.charAt(at) == 'E')) {
      int mark = at++;
      if (at < input.length() && (input.charAt(at) == '+' || input.charAt(at) == '-')) {
        at++;
      }
      int digits = at;
      scanDigits();
      if (at == digits) {
        at = mark;
      }
    }
  }

  private void scanDigits() {
    while (at < input.length() && (isDigit(input.charAt(at)) || input.charAt(at) == '_')) {
      at++;
    }
  }

  private void lexSymbol(char c) {
    for (String symbol : SYMBOLS) {
      if (input.startsWith(symbol, at)) {
        track(symbol);
        at += symbol.length();
        tokens.add(new Token(Kind.SYMBOL, symbol, at - symbol.length()));
        return;
      }
    }
    if (c == '!') {
      String next = at + 1 < input.length() ? input.substring(at + 1, at + 2) : "";
      throw error(
          at,
          "unexpected character after '!': "
              + (next.isEmpty() ? "end of input" : "'" + next + "'"));
    }
    String shown = Character.isSurrogate(c) ? "'\\ufffd'" : "'" + c + "'";
    throw error(at, "unexpected character" + (inBraces ? " inside braces: " : ": ") + shown);
  }

  private void track(String symbol) {
    switch (symbol) {
      case "(" -> parens++;
      case ")" -> {
        if (--parens < 0) {
          throw error(at, "unexpected right parenthesis ')'");
        }
      }
      case "{" -> {
        if (inBraces) {
          throw error(at, "unexpected left brace '{'");
        }
        inBraces = true;
      }
      case "}" -> {
        if (!inBraces) {
          throw error(at, "unexpected right brace '}'");
        }
        inBraces = false;
      }
      case "[" -> {
        if (inBrackets) {
          throw error(at, "unexpected left bracket '['");
        }
        inBrackets = true;
      }
      case "]" -> {
        if (!inBrackets) {
          throw error(at, "unexpected right bracket ']'");
        }
        inBrackets = false;
      }
      default -> {}
    }
  }

  private void add(Kind kind, int start) {
    at = Math.min(at, input.length());
    tokens.add(new Token(kind, input.substring(start, at), start));
  }

  private PromqlException error(int position, String message) {
    return ParseErrors.at(input, position, message);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isAlpha(char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
}
