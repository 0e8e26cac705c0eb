package dev.tocsin.promql.regex;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What may follow a backslash: character classes and single characters. Positions are those after
 * the backslash.
 */
final class EscapeParser {
  private EscapeParser() {}

  /**
   * The set a class escape stands for, or null when it is none.
   *
   * @param foldCase adds the other cases, before a negation: {@code (?i)\P{Lu}} is no letter that
   *     has an upper case
   */
  static @Nullable CharSet classOf(String text, int at, boolean foldCase) {
    char c = text.charAt(at);
    CharSet set =
        switch (Character.toLowerCase(c)) {
          case 'd' -> new CharSet().add('0', '9');
          case 'w' -> new CharSet().add('0', '9').add('A', 'Z').add('_', '_').add('a', 'z');
          case 's' -> new CharSet().add('\t', '\n').add('\f', '\r').add(' ', ' ');
          case 'p' -> property(text, at, foldCase);
          default -> null;
        };
    if (set == null) {
      return null;
    }
    CharSet folded = foldCase && Character.toLowerCase(c) != 'p' ? set.foldCase() : set;
    return Character.isUpperCase(c) ? folded.negate() : folded;
  }

  private static @Nullable CharSet property(String text, int at, boolean foldCase) {
    String name = propertyName(text, at);
    boolean negated = name.startsWith("^");
    String category = negated ? name.substring(1) : name;
    CharSet set = new CharSet();
    boolean any = false;
    int start = -1;
    for (int c = 0; c <= Character.MAX_CODE_POINT + 1; c++) {
      boolean in = c <= Character.MAX_CODE_POINT && isIn(c, category);
      if (in && start < 0) {
        start = c;
        any = true;
      } else if (!in && start >= 0) {
        set.add(start, c - 1);
        start = -1;
      }
    }
    if (!any) {
      return null;
    }
    CharSet folded = foldCase ? set.foldCase() : set;
    return negated ? folded.negate() : folded;
  }

  private static boolean isIn(int c, String category) {
    int type = Character.getType(c);
    return switch (category) {
      case "L" -> Character.isLetter(c);
      case "Lu" -> type == Character.UPPERCASE_LETTER;
      case "Ll" -> type == Character.LOWERCASE_LETTER;
      case "N" ->
          type == Character.DECIMAL_DIGIT_NUMBER
              || type == Character.LETTER_NUMBER
              || type == Character.OTHER_NUMBER;
      case "Nd" -> type == Character.DECIMAL_DIGIT_NUMBER;
      case "Z" -> Character.isSpaceChar(c);
      case "P" -> type >= Character.DASH_PUNCTUATION && type <= Character.OTHER_PUNCTUATION;
      case "S" -> type >= Character.MATH_SYMBOL && type <= Character.OTHER_SYMBOL;
      default -> isScript(c, category);
    };
  }

  private static boolean isScript(int c, String name) {
    try {
      return Character.isDefined(c)
          && Character.UnicodeScript.of(c)
              == Character.UnicodeScript.forName(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException unknown) {
      return false;
    }
  }

  private static String propertyName(String text, int at) {
    if (text.startsWith("{", at + 1)) {
      int close = text.indexOf('}', at);
      return close < 0 ? "" : text.substring(at + 2, close);
    }
    return at + 1 < text.length() ? text.substring(at + 1, at + 2) : "";
  }

  /** A POSIX class by name, or null. */
  static @Nullable CharSet named(String name, boolean foldCase) {
    boolean negated = name.startsWith("^");
    CharSet set = new CharSet();
    switch (negated ? name.substring(1) : name) {
      case "alnum" -> set.add('0', '9').add('A', 'Z').add('a', 'z');
      case "alpha" -> set.add('A', 'Z').add('a', 'z');
      case "ascii" -> set.add(0, 127);
      case "blank" -> set.add('\t', '\t').add(' ', ' ');
      case "cntrl" -> set.add(0, 31).add(127, 127);
      case "digit" -> set.add('0', '9');
      case "graph" -> set.add('!', '~');
      case "lower" -> set.add('a', 'z');
      case "print" -> set.add(' ', '~');
      case "punct" -> set.add('!', '/').add(':', '@').add('[', '`').add('{', '~');
      case "space" -> set.add('\t', '\r').add(' ', ' ');
      case "upper" -> set.add('A', 'Z');
      case "word" -> set.add('0', '9').add('A', 'Z').add('_', '_').add('a', 'z');
      case "xdigit" -> set.add('0', '9').add('A', 'F').add('a', 'f');
      default -> {
        return null;
      }
    }
    CharSet folded = foldCase ? set.foldCase() : set;
    return negated ? folded.negate() : folded;
  }

  /** The character an escape stands for, or -1 when there is no such escape. */
  static int charOf(String text, int at) {
    char c = text.charAt(at);
    int plain = "abfnrtv".indexOf(c);
    if (c == 'b') {
      return -1;
    } else if (plain >= 0) {
      return "\u0007\b\f\n\r\t\u000b".charAt(plain);
    } else if (c == 'x' || (c >= '0' && c <= '7')) {
      String digits = digits(text, at);
      int radix = c == 'x' ? 16 : 8;
      int value =
          digits.isEmpty() || digits.length() > 8
              ? -1
              : (int) Math.min(Long.parseLong(digits, radix), 0x110000);
      return value > Character.MAX_CODE_POINT || (c != 'x' && c != '0' && digits.length() < 2)
          ? -1
          : value;
    }
    return Character.isLetterOrDigit(c) ? -1 : text.codePointAt(at);
  }

  private static String digits(String text, int at) {
    if (text.charAt(at) == 'x') {
      if (text.startsWith("{", at + 1)) {
        int close = text.indexOf('}', at);
        String body = close < 0 ? "" : text.substring(at + 2, close);
        return body.matches("[0-9A-Fa-f]+") ? body : "";
      }
      String two = text.substring(at + 1, Math.min(at + 3, text.length()));
      return two.matches("[0-9A-Fa-f]{2}") ? two : "";
    }
    int end = at;
    while (end < text.length()
        && end < at + 3
        && text.charAt(end) >= '0'
        && text.charAt(end) <= '7') {
      end++;
    }
    return text.substring(at, end);
  }

  /** Where the escape that starts at a position ends. */
  static int end(String text, int at) {
    char c = text.charAt(at);
    if ((c == 'p' || c == 'P' || c == 'x') && text.startsWith("{", at + 1)) {
      return text.indexOf('}', at) + 1;
    } else if (c == 'p' || c == 'P') {
      return Math.min(at + 2, text.length());
    } else if (c == 'x') {
      return Math.min(at + 3, text.length());
    } else if (c >= '0' && c <= '7') {
      return at + digits(text, at).length();
    }
    return at + Character.charCount(text.codePointAt(at));
  }
}
