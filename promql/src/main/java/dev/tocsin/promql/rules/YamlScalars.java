package dev.tocsin.promql.rules;

import dev.tocsin.promql.rules.Yaml.Malformed;
import java.util.ArrayList;
import java.util.List;

/** Scalars in all their styles. */
final class YamlScalars {
  private final YamlLines lines;

  YamlScalars(YamlLines lines) {
    this.lines = lines;
  }

  /**
   * Where the colon after the key of a block mapping entry stands, or -1 when the text is no such
   * entry.
   */
  static int keyEnd(String text) {
    if (text.isEmpty() || "[{&*|>#".indexOf(text.charAt(0)) >= 0) {
      return -1;
    }
    int from = 0;
    char quote = text.charAt(0);
    if (quote == '"' || quote == '\'') {
      int close = closingQuote(text, quote);
      if (close < 0) {
        return -1;
      }
      from = close + 1;
      String rest = text.substring(from).stripLeading();
      return rest.startsWith(":") && (rest.length() == 1 || rest.charAt(1) == ' ')
          ? text.indexOf(':', from)
          : -1;
    }
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '#' && i > 0 && text.charAt(i - 1) == ' ') {
        return -1;
      }
      if (c == ':' && (i + 1 == text.length() || text.charAt(i + 1) == ' ')) {
        return i;
      }
    }
    return -1;
  }

  private static int closingQuote(String text, char quote) {
    for (int i = 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quote == '"' && c == '\\') {
        i++;
      } else if (c == quote) {
        if (quote == '\'' && i + 1 < text.length() && text.charAt(i + 1) == '\'') {
          i++;
        } else {
          return i;
        }
      }
    }
    return -1;
  }

  static String withoutComment(String text) {
    if (text.startsWith("#")) {
      return "";
    }
    char first = text.isEmpty() ? ' ' : text.charAt(0);
    if (first == '"' || first == '\'') {
      return text;
    }
    int comment = text.indexOf(" #");
    return comment < 0 ? text : text.substring(0, comment).stripTrailing();
  }

  String key(String text, int number) {
    String key = text.strip();
    if (key.startsWith("\"") || key.startsWith("'")) {
      return unquote(key, number);
    }
    return key;
  }

  /** A plain or quoted scalar that starts on the current line and may go on over deeper lines. */
  Yaml.Text inline(String start, int parentIndent) {
    int number = lines.number();
    char quote = start.charAt(0);
    if (quote == '"' || quote == '\'') {
      return quoted(start, quote, number);
    }
    requirePlainStart(start, number);
    StringBuilder value = new StringBuilder(withoutComment(start));
    lines.nextRaw();
    int breaks = 0;
    while (lines.hasRaw()) {
      String line = lines.raw();
      if (line.isBlank()) {
        breaks++;
      } else if (YamlLines.indentOf(line) <= parentIndent || line.strip().startsWith("#")) {
        break;
      } else {
        String text = withoutComment(line.strip());
        if (keyEnd(line.strip()) >= 0) {
          throw new Malformed(lines.number(), "mapping values are not allowed in this context");
        }
        value.append(breaks == 0 ? " " : "\n".repeat(breaks)).append(text);
        breaks = 0;
      }
      lines.nextRaw();
    }
    lines.resume();
    return new Yaml.Text(value.toString(), true, number);
  }

  private static void requirePlainStart(String text, int number) {
    char first = text.charAt(0);
    if ("@`%!".indexOf(first) >= 0) {
      throw new Malformed(number, "found character that cannot start any token");
    } else if (first == ']' || first == '}' || first == ',') {
      throw new Malformed(number, "did not find expected node content");
    } else if (keyEnd(text) >= 0) {
      throw new Malformed(number, "mapping values are not allowed in this context");
    }
  }

  private Yaml.Text quoted(String start, char quote, int number) {
    StringBuilder text = new StringBuilder(start);
    int breaks = 0;
    while (closingQuote(text.toString(), quote) < 0) {
      lines.nextRaw();
      if (!lines.hasRaw()) {
        throw new Malformed(number, "found unexpected end of stream");
      }
      String line = lines.raw().strip();
      if (line.isEmpty()) {
        breaks++;
        continue;
      }
      boolean escapedBreak =
          quote == '"' && text.length() > 0 && text.charAt(text.length() - 1) == '\\';
      if (escapedBreak) {
        text.setLength(text.length() - 1);
      } else {
        text.append(breaks == 0 ? " " : "\n".repeat(breaks));
      }
      text.append(line);
      breaks = 0;
    }
    int close = closingQuote(text.toString(), quote);
    String rest = text.substring(close + 1).strip();
    if (!rest.isEmpty() && !rest.startsWith("#")) {
      throw new Malformed(lines.number(), "did not find expected key");
    }
    lines.next();
    return new Yaml.Text(unquote(text.substring(0, close + 1), number), false, number);
  }

  static String unquote(String text, int number) {
    String body = text.substring(1, text.length() - 1);
    if (text.charAt(0) == '\'') {
      return body.replace("''", "'");
    }
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < body.length(); i++) {
      char c = body.charAt(i);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      char escape = ++i < body.length() ? body.charAt(i) : '\0';
      int plain = "0abtnvfre \"/\\N_LP".indexOf(escape);
      int digits = escape == 'x' ? 2 : escape == 'u' ? 4 : escape == 'U' ? 8 : 0;
      if (plain >= 0) {
        out.append("\0\u0007\b\t\n\u000b\f\r\u001b \"/\\\u0085\u00a0\u2028\u2029".charAt(plain));
      } else if (digits > 0 && i + digits < body.length()) {
        out.appendCodePoint(codePoint(body.substring(i + 1, i + 1 + digits), number));
        i += digits;
      } else {
        throw new Malformed(number, "found unknown escape character");
      }
    }
    return out.toString();
  }

  private static int codePoint(String hex, int number) {
    try {
      int value = Integer.parseUnsignedInt(hex, 16);
      if (Character.isValidCodePoint(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new Malformed(number, "did not find expected hexdecimal number");
    }
    throw new Malformed(number, "found invalid Unicode character escape code");
  }

  /** A literal or folded block scalar whose header is on the current line. */
  Yaml.Text block(String header, int parentIndent) {
    int number = lines.number();
    String flags = withoutComment(header).substring(1);
    boolean folded = header.charAt(0) == '>';
    int indent = -1;
    for (int i = 0; i < flags.length(); i++) {
      char c = flags.charAt(i);
      if (c >= '1' && c <= '9') {
        indent = Math.max(parentIndent, 0) + (c - '0');
      } else if (c != '-' && c != '+') {
        throw new Malformed(number, "did not find expected comment or line break");
      }
    }
    List<String> body = new ArrayList<>();
    lines.nextRaw();
    while (lines.hasRaw()) {
      String line = lines.raw();
      int lineIndent = YamlLines.indentOf(line);
      if (line.isBlank()) {
        body.add(indent >= 0 && line.length() > indent ? line.substring(indent) : "");
      } else if (lineIndent <= parentIndent || (indent >= 0 && lineIndent < indent)) {
        break;
      } else {
        indent = indent < 0 ? lineIndent : indent;
        body.add(line.substring(indent));
      }
      lines.nextRaw();
    }
    lines.resume();
    return new Yaml.Text(
        chomped(folded ? fold(body) : String.join("\n", body), flags), false, number);
  }

  private static String fold(List<String> body) {
    StringBuilder out = new StringBuilder();
    boolean previousPlain = false;
    int breaks = 0;
    for (String line : body) {
      if (line.isEmpty()) {
        breaks++;
        continue;
      }
      boolean plain = line.charAt(0) != ' ' && line.charAt(0) != '\t';
      if (out.length() > 0 || breaks > 0) {
        if (out.length() == 0) {
          out.append("\n".repeat(breaks));
        } else if (plain && previousPlain) {
          out.append(breaks == 0 ? " " : "\n".repeat(breaks));
        } else {
          out.append("\n".repeat(breaks + 1));
        }
      }
      out.append(line);
      previousPlain = plain;
      breaks = 0;
    }
    return out + "\n".repeat(breaks);
  }

  private static String chomped(String text, String flags) {
    if (flags.indexOf('+') >= 0) {
      return text.endsWith("\n") || text.isEmpty() ? text : text + "\n";
    }
    String stripped = text;
    while (stripped.endsWith("\n")) {
      stripped = stripped.substring(0, stripped.length() - 1);
    }
    return flags.indexOf('-') >= 0 || stripped.isEmpty() ? stripped : stripped + "\n";
  }
}
