package dev.tocsin.promql.parse;

import dev.tocsin.promql.text.PromqlException;

/** Parse errors in Prometheus's form: {@code line:column: parse error: message}. */
final class ParseErrors {
  private ParseErrors() {}

  static PromqlException at(String input, int position, String message) {
    int line = 1;
    int lineStart = 0;
    int place = Math.min(position, input.length());
    for (int i = 0; i < place; i++) {
      if (input.charAt(i) == '\n') {
        line++;
        lineStart = i + 1;
      }
    }
    String text = line + ":" + (place - lineStart + 1) + ": parse error: " + message;
    return new PromqlException(PromqlException.Kind.PARSE, position, text);
  }
}
