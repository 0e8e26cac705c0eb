package dev.tocsin.promql.regex;

import java.util.function.IntFunction;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Go's replacement templates: {@code $1}, {@code ${1}} and {@code $$}; a group that does not exist
 * is empty.
 */
final class Expansion {
  private Expansion() {}

  static void append(
      StringBuilder out,
      String template,
      IntSupplier groupCount,
      IntFunction<@Nullable String> group) {
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
      appendGroup(out, template.substring(start, end), groupCount.getAsInt(), group);
      i = braced ? end + 1 : end;
    }
  }

  private static void appendGroup(
      StringBuilder out, String name, int groupCount, IntFunction<@Nullable String> group) {
    if (name.length() < 9 && name.chars().allMatch(c -> c >= '0' && c <= '9')) {
      int number = Integer.parseInt(name);
      String value = number <= groupCount ? group.apply(number) : null;
      out.append(value == null ? "" : value);
    }
  }

  private static boolean isWord(char c) {
    return c == '_' || Character.isLetterOrDigit(c);
  }
}
