package dev.tocsin.promql.rules;

import dev.tocsin.promql.rules.Yaml.Entry;
import dev.tocsin.promql.rules.Yaml.Malformed;
import java.util.ArrayList;
import java.util.List;

/** Collections in brackets and braces. */
final class YamlFlow {
  private static final int DEPTH_MAX = 50;

  private final YamlLines lines;
  private final int number;
  private final String text;
  private int at;
  private int depth;

  YamlFlow(YamlLines lines, String start, int parentIndent) {
    this.lines = lines;
    this.number = lines.number();
    StringBuilder all = new StringBuilder(start);
    while (!balanced(all)) {
      lines.nextRaw();
      if (!lines.hasRaw()
          || (!lines.raw().isBlank()
              && YamlLines.indentOf(lines.raw()) <= parentIndent
              && !lines.raw().strip().startsWith("]")
              && !lines.raw().strip().startsWith("}"))) {
        throw new Malformed(number, "did not find expected ',' or ']'");
      }
      all.append('\n').append(YamlScalars.withoutComment(lines.raw().strip()));
    }
    this.text = all.toString();
  }

  private static boolean balanced(CharSequence text) {
    int open = 0;
    char quote = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quote != 0) {
        if (c == '\\' && quote == '"') {
          i++;
        } else if (c == quote) {
          quote = 0;
        }
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '[' || c == '{') {
        open++;
      } else if (c == ']' || c == '}') {
        open--;
      }
    }
    return open <= 0 && quote == 0;
  }

  Yaml read() {
    Yaml node = node();
    skip();
    if (at < text.length() && text.charAt(at) != '#') {
      throw new Malformed(number, "did not find expected key");
    }
    lines.next();
    return node;
  }

  private Yaml node() {
    if (++depth > DEPTH_MAX) {
      throw new Malformed(number, "nested deeper than " + DEPTH_MAX + " levels");
    }
    skip();
    Yaml node;
    if (peek() == '[') {
      node = items();
    } else if (peek() == '{') {
      node = table();
    } else {
      boolean quoted = peek() == '"' || peek() == '\'';
      node = new Yaml.Text(scalar(), !quoted, number);
    }
    depth--;
    return node;
  }

  private Yaml items() {
    List<Yaml> items = new ArrayList<>();
    at++;
    while (true) {
      skip();
      if (peek() == ']') {
        at++;
        return new Yaml.Items(items, number);
      }
      items.add(node());
      comma(']');
    }
  }

  private Yaml table() {
    List<Entry> entries = new ArrayList<>();
    at++;
    while (true) {
      skip();
      if (peek() == '}') {
        at++;
        return new Yaml.Table(entries, number);
      }
      String key = scalar();
      skip();
      Yaml value = new Yaml.Text("", true, number);
      if (peek() == ':') {
        at++;
        skip();
        if (peek() != ',' && peek() != '}') {
          value = node();
        }
      }
      entries.add(new Entry(key, number, value));
      comma('}');
    }
  }

  private void comma(char close) {
    skip();
    if (peek() == ',') {
      at++;
    } else if (peek() != close) {
      throw new Malformed(number, "did not find expected ',' or '" + close + "'");
    }
  }

  private String scalar() {
    int start = at;
    char quote = peek();
    if (quote == '"' || quote == '\'') {
      at++;
      while (at < text.length() && text.charAt(at) != quote) {
        at += text.charAt(at) == '\\' && quote == '"' ? 2 : 1;
      }
      at = Math.min(at + 1, text.length());
      if (at - start < 2) {
        throw new Malformed(number, "found unexpected end of stream");
      }
      return YamlScalars.unquote(text.substring(start, at), number);
    }
    while (at < text.length() && !endsPlain()) {
      at++;
    }
    if (at == start) {
      throw new Malformed(number, "did not find expected node content");
    }
    return text.substring(start, at).strip();
  }

  private boolean endsPlain() {
    char c = text.charAt(at);
    boolean colon =
        c == ':' && (at + 1 == text.length() || " ,]}\n".indexOf(text.charAt(at + 1)) >= 0);
    return colon || ",[]{}\n".indexOf(c) >= 0;
  }

  private void skip() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private char peek() {
    return at < text.length() ? text.charAt(at) : '\0';
  }
}
