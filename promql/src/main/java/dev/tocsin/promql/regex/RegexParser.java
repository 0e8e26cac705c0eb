package dev.tocsin.promql.regex;

import dev.tocsin.promql.regex.RegexNode.Assertion;
import dev.tocsin.promql.regex.RegexNode.Chars;
import dev.tocsin.promql.regex.RegexNode.Choice;
import dev.tocsin.promql.regex.RegexNode.Group;
import dev.tocsin.promql.regex.RegexNode.Place;
import dev.tocsin.promql.regex.RegexNode.Repeat;
import dev.tocsin.promql.regex.RegexNode.Sequence;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Parses RE2 syntax. No back references and no look-around: those cannot be matched in linear time.
 */
final class RegexParser {
  private static final int DEPTH_MAX = 200;
  private static final int REPEAT_MAX = 1000;

  /** The text is no regular expression. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message);
    }
  }

  private final String text;
  private final List<String> groupNames = new ArrayList<>(List.of(""));
  private int at;
  private int depth;
  private boolean foldCase;
  private boolean multiLine;
  private boolean dotAll = true;
  private boolean swapGreed;

  RegexParser(String text) {
    this.text = text;
  }

  List<String> groupCount() {
    return List.copyOf(groupNames);
  }

  RegexNode parse() throws Malformed {
    RegexNode node = choice();
    if (at < text.length()) {
      throw new Malformed("unexpected ): `" + text + "`");
    }
    return node;
  }

  private RegexNode choice() throws Malformed {
    if (++depth > DEPTH_MAX) {
      throw new Malformed("expression nests too deeply: `" + text + "`");
    }
    boolean savedFold = foldCase;
    boolean savedLine = multiLine;
    boolean savedDot = dotAll;
    boolean savedGreed = swapGreed;
    List<RegexNode> options = new ArrayList<>();
    options.add(sequence());
    while (take('|')) {
      options.add(sequence());
    }
    foldCase = savedFold;
    multiLine = savedLine;
    dotAll = savedDot;
    swapGreed = savedGreed;
    depth--;
    return options.size() == 1 ? options.get(0) : new Choice(options);
  }

  private RegexNode sequence() throws Malformed {
    List<RegexNode> nodes = new ArrayList<>();
    while (at < text.length() && text.charAt(at) != '|' && text.charAt(at) != ')') {
      RegexNode node = atom();
      if (node != null) {
        nodes.add(repeated(node));
      }
    }
    return nodes.size() == 1 ? nodes.get(0) : new Sequence(nodes);
  }

  private RegexNode repeated(RegexNode atom) throws Malformed {
    RegexNode node = atom;
    int start = at;
    boolean repeated = false;
    while (at < text.length()) {
      int[] bounds = bounds();
      if (bounds == null) {
        break;
      } else if (repeated) {
        throw new Malformed(
            "invalid nested repetition operator: `" + text.substring(start, at) + "`");
      }
      boolean lazy = take('?');
      node = new Repeat(node, bounds[0], bounds[1], lazy == swapGreed);
      repeated = true;
    }
    return node;
  }

  private int @Nullable [] bounds() throws Malformed {
    char c = text.charAt(at);
    if (c == '*' || c == '+' || c == '?') {
      at++;
      return new int[] {c == '+' ? 1 : 0, c == '?' ? 1 : -1};
    }
    return c == '{' ? counted() : null;
  }

  private int @Nullable [] counted() throws Malformed {
    int close = text.indexOf('}', at);
    String body = close < 0 ? "" : text.substring(at + 1, close);
    if (!body.matches("[0-9]+(,[0-9]*)?")) {
      return null;
    }
    int comma = body.indexOf(',');
    int min = count(comma < 0 ? body : body.substring(0, comma));
    int max = comma < 0 ? min : comma == body.length() - 1 ? -1 : count(body.substring(comma + 1));
    if (min > REPEAT_MAX || max > REPEAT_MAX || (max >= 0 && max < min)) {
      throw new Malformed("invalid repeat count: `" + text.substring(at, close + 1) + "`");
    }
    at = close + 1;
    return new int[] {min, max};
  }

  private static int count(String digits) {
    return digits.length() > 5 ? Integer.MAX_VALUE : Integer.parseInt(digits);
  }

  /** Null for flags, which match nothing by themselves. */
  private @Nullable RegexNode atom() throws Malformed {
    int c = text.codePointAt(at);
    at += Character.charCount(c);
    return switch (c) {
      case '(' -> group();
      case '[' -> new Chars(new ClassParser().parse());
      case '.' -> new Chars(dotAll ? new CharSet().negate() : CharSet.of('\n').negate());
      case '^' -> new Assertion(multiLine ? Place.LINE_START : Place.TEXT_START);
      case '$' -> new Assertion(multiLine ? Place.LINE_END : Place.TEXT_END);
      case '\\' -> escape();
      case '*', '+', '?' ->
          throw new Malformed("missing argument to repetition operator: `" + (char) c + "`");
      default -> literal(c);
    };
  }

  private RegexNode literal(int c) {
    CharSet set = CharSet.of(c);
    return new Chars(foldCase ? set.foldCase() : set);
  }

  private @Nullable RegexNode group() throws Malformed {
    if (!take('?')) {
      groupNames.add("");
      return closed(groupNames.size() - 1);
    }
    boolean named =
        text.startsWith("P<", at)
            || (text.startsWith("<", at)
                && !text.startsWith("<=", at)
                && !text.startsWith("<!", at));
    if (named) {
      int open = text.indexOf('<', at);
      int close = text.indexOf('>', at);
      String name = close < 0 ? "" : text.substring(open + 1, close);
      if (!name.matches("[A-Za-z0-9_]+") || groupNames.contains(name)) {
        throw new Malformed("invalid named capture: `" + text + "`");
      }
      at = close + 1;
      groupNames.add(name);
      return closed(groupNames.size() - 1);
    }
    return flags();
  }

  private RegexNode closed(int index) throws Malformed {
    RegexNode node = choice();
    if (!take(')')) {
      throw new Malformed("missing closing ): `" + text + "`");
    }
    return index < 0 ? node : new Group(node, index);
  }

  private @Nullable RegexNode flags() throws Malformed {
    boolean on = true;
    boolean savedFold = foldCase;
    boolean savedLine = multiLine;
    boolean savedDot = dotAll;
    boolean savedGreed = swapGreed;
    while (at < text.length()) {
      char c = text.charAt(at++);
      switch (c) {
        case 'i' -> foldCase = on;
        case 'm' -> multiLine = on;
        case 's' -> dotAll = on;
        case 'U' -> swapGreed = on;
        case '-' -> on = false;
        case ')' -> {
          return null;
        }
        case ':' -> {
          RegexNode node = closed(-1);
          foldCase = savedFold;
          multiLine = savedLine;
          dotAll = savedDot;
          swapGreed = savedGreed;
          return node;
        }
        default -> throw new Malformed("invalid or unsupported Perl syntax: `(?" + c + "`");
      }
    }
    throw new Malformed("missing closing ): `" + text + "`");
  }

  private RegexNode escape() throws Malformed {
    if (at >= text.length()) {
      throw new Malformed("trailing backslash at end of expression: ``");
    }
    char c = text.charAt(at);
    switch (c) {
      case 'A', 'z', 'b', 'B' -> {
        at++;
        return new Assertion(
            switch (c) {
              case 'A' -> Place.TEXT_START;
              case 'z' -> Place.TEXT_END;
              case 'b' -> Place.WORD_EDGE;
              default -> Place.NO_WORD_EDGE;
            });
      }
      case 'Q' -> {
        return quoted();
      }
      default -> {}
    }
    CharSet set = EscapeParser.classOf(text, at, foldCase);
    if (set != null) {
      at = EscapeParser.end(text, at);
      return new Chars(set);
    }
    return literal(escapedChar());
  }

  private RegexNode quoted() {
    int end = text.indexOf("\\E", at);
    String body = end < 0 ? text.substring(at + 1) : text.substring(at + 1, end);
    at = end < 0 ? text.length() : end + 2;
    List<RegexNode> nodes = new ArrayList<>();
    body.codePoints().forEach(c -> nodes.add(literal(c)));
    return new Sequence(nodes);
  }

  private int escapedChar() throws Malformed {
    int c = EscapeParser.charOf(text, at);
    if (c < 0) {
      throw new Malformed("invalid escape sequence: `\\" + text.charAt(at) + "`");
    }
    at = EscapeParser.end(text, at);
    return c;
  }

  private boolean take(char c) {
    boolean found = at < text.length() && text.charAt(at) == c;
    at += found ? 1 : 0;
    return found;
  }

  /** A bracket expression whose opening bracket has been read. */
  private final class ClassParser {
    private final CharSet set = new CharSet();

    CharSet parse() throws Malformed {
      int start = at - 1;
      boolean negated = take('^');
      boolean first = true;
      while (first || at >= text.length() || text.charAt(at) != ']') {
        if (at >= text.length()) {
          throw new Malformed("missing closing ]: `" + text.substring(start) + "`");
        }
        first = false;
        item();
      }
      at++;
      return negated ? set.negate() : set;
    }

    private void item() throws Malformed {
      if (text.startsWith("[:", at)) {
        int close = text.indexOf(":]", at);
        CharSet named =
            close < 0 ? null : EscapeParser.named(text.substring(at + 2, close), foldCase);
        if (named == null && close >= 0) {
          throw new Malformed(
              "invalid character class range: `" + text.substring(at, close + 2) + "`");
        } else if (named != null) {
          set.addAll(named);
          at = close + 2;
          return;
        }
      }
      if (text.charAt(at) == '\\' && at + 1 < text.length()) {
        CharSet escaped = EscapeParser.classOf(text, at + 1, foldCase);
        if (escaped != null) {
          set.addAll(escaped);
          at = EscapeParser.end(text, at + 1);
          return;
        }
      }
      int from = bound();
      int to = from;
      if (at + 1 < text.length() && text.charAt(at) == '-' && text.charAt(at + 1) != ']') {
        at++;
        to = bound();
      }
      if (to < from) {
        throw new Malformed("invalid character class range: `" + text + "`");
      }
      CharSet range = new CharSet().add(from, to);
      set.addAll(foldCase ? range.foldCase() : range);
    }

    private int bound() throws Malformed {
      int c = text.codePointAt(at);
      at += Character.charCount(c);
      if (c != '\\') {
        return c;
      } else if (at >= text.length()) {
        throw new Malformed("trailing backslash at end of expression: ``");
      }
      return escapedChar();
    }
  }
}
