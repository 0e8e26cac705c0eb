package dev.tocsin.promql.parse;

import dev.tocsin.promql.ast.SourceRange;
import dev.tocsin.promql.parse.Token.Kind;
import dev.tocsin.promql.text.PromqlException;
import java.util.List;

/** The tokens of one query with a reading position, and the errors that name them. */
final class TokenStream {
  private final String input;
  private final List<Token> tokens;
  private final ParserOptions options;
  private int at;
  private int depth;
  private int lastEnd;

  TokenStream(String input, ParserOptions options) {
    if (input.length() > options.queryLengthMax()) {
      throw ParseErrors.at(
          input,
          0,
          "query length "
              + input.length()
              + " (expected: at most "
              + options.queryLengthMax()
              + ")");
    }
    this.input = input;
    this.tokens = Lexer.tokens(input, options.queryLengthMax());
    this.options = options;
  }

  ParserOptions options() {
    return options;
  }

  Token peek() {
    return tokens.get(at);
  }

  Token peek(int ahead) {
    return tokens.get(Math.min(at + ahead, tokens.size() - 1));
  }

  Token next() {
    Token token = tokens.get(at);
    if (token.kind() != Kind.END) {
      at++;
      lastEnd = token.end();
    }
    return token;
  }

  /** Where the last consumed token ends. */
  int lastEnd() {
    return lastEnd;
  }

  boolean takeSymbol(String symbol) {
    boolean found = peek().isSymbol(symbol);
    if (found) {
      next();
    }
    return found;
  }

  boolean takeWord(String keyword) {
    boolean found = peek().isWord(keyword);
    if (found) {
      next();
    }
    return found;
  }

  Token expectSymbol(String symbol, String context, String expected) {
    if (!peek().isSymbol(symbol)) {
      throw unexpected(context, expected);
    }
    return next();
  }

  void enter() {
    if (++depth > options.depthMax()) {
      throw error(peek().start(), "query is nested deeper than " + options.depthMax() + " levels");
    }
  }

  void leave() {
    depth--;
  }

  PromqlException unexpected(String context, String expected) {
    StringBuilder message = new StringBuilder("unexpected ").append(peek().describe());
    if (!context.isEmpty()) {
      message.append(" in ").append(context);
    }
    if (!expected.isEmpty()) {
      message.append(", expected ").append(expected);
    }
    return error(peek().start(), message.toString());
  }

  PromqlException error(SourceRange range, String message) {
    return error(range.start(), message);
  }

  PromqlException error(int position, String message) {
    return ParseErrors.at(input, position, message);
  }
}
