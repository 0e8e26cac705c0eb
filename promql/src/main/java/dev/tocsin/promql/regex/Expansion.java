package dev.tocsin.promql.regex;

import java.util.function.UnaryOperator;

/**
 * Go's replacement templates: {@code $1}, {@code ${name}} and {@code $$}; a group that does not
 * exist is empty.
 */
final class Expansion {
  private Expansion() {}

  static void append(StringBuilder out, String template, UnaryOperator<String> group) {
    int i = 0;
    while (i < template.length()) {
      char c = template.charAt(i);
      if (c != '$' || i + 1 == template.length()) {
        out.append(c);
        i++;
        continue;
      }
      char next = template.charAt(i + 1);
      if (next == '$') {
        out.append('$');
        i += 2;
        continue;
      }
      boolean braced = next == '{';
      int start = i + (braced ? 2 : 1);
      int end = start;
      while (end < template.length() && isWord(template.charAt(end))) {
        end++;
      }
      if (end == start || (braced && (end == template.length() || template.charAt(end) != '}'))) {
        out.append(c);
        i++;
        continue;
      }
      out.append(group.apply(template.substring(start, end)));
      i = braced ? end + 1 : end;
    }
  }

  private static boolean isWord(char c) {
    return c == '_' || Character.isLetterOrDigit(c);
  }
}
