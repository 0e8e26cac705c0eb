package dev.tocsin.promql.rules;

import dev.tocsin.promql.rules.Yaml.Entry;
import dev.tocsin.promql.rules.Yaml.Malformed;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A reader for the YAML that rule files are written in: block and flow collections, plain, quoted,
 * literal and folded scalars, comments, anchors and aliases. Tags, merge keys and several documents
 * are not read.
 */
final class YamlReader {
  private static final int DEPTH_MAX = 50;

  private final YamlLines lines;
  private final YamlScalars scalars;
  private final java.util.Map<String, Yaml> anchors = new java.util.HashMap<>();
  private int depth;

  private YamlReader(String text) {
    this.lines = new YamlLines(text);
    this.scalars = new YamlScalars(lines);
  }

  /**
   * @return null for an empty document
   * @throws Malformed when the text is not YAML
   */
  static @Nullable Yaml read(String text) {
    YamlReader reader = new YamlReader(text);
    if (reader.lines.atEnd()) {
      return null;
    }
    Yaml root = reader.block(0);
    if (!reader.lines.atEnd()) {
      throw new Malformed(reader.lines.number(), "did not find expected key");
    }
    return root;
  }

  /** A node whose first line is the current one and is indented at least this far. */
  private Yaml block(int minIndent) {
    if (++depth > DEPTH_MAX) {
      throw new Malformed(lines.number(), "nested deeper than " + DEPTH_MAX + " levels");
    }
    try {
      int indent = lines.indent();
      if (indent < minIndent) {
        return new Yaml.Text("", true, lines.number());
      }
      String text = lines.content();
      if (text.equals("-") || text.startsWith("- ")) {
        return list(indent);
      } else if (YamlScalars.keyEnd(text) >= 0) {
        return table(indent);
      }
      return value(text, indent - 1);
    } finally {
      depth--;
    }
  }

  private Yaml list(int indent) {
    int start = lines.number();
    List<Yaml> items = new ArrayList<>();
    while (!lines.atEnd() && lines.indent() == indent) {
      String text = lines.content();
      if (!text.equals("-") && !text.startsWith("- ")) {
        break;
      }
      String rest = text.substring(1).strip();
      int number = lines.number();
      if (rest.isEmpty()) {
        lines.next();
        items.add(nested(indent + 1, number));
      } else {
        lines.replaceDash();
        items.add(block(indent + 1));
      }
    }
    return new Yaml.Items(items, start);
  }

  private Yaml nested(int minIndent, int number) {
    return lines.atEnd() || lines.indent() < minIndent
        ? new Yaml.Text("", true, number)
        : block(minIndent);
  }

  private Yaml table(int indent) {
    int start = lines.number();
    List<Entry> entries = new ArrayList<>();
    while (!lines.atEnd() && lines.indent() == indent) {
      String text = lines.content();
      int end = YamlScalars.keyEnd(text);
      if (end < 0 || text.startsWith("- ")) {
        break;
      }
      int number = lines.number();
      String key = scalars.key(text.substring(0, end), number);
      for (Entry entry : entries) {
        if (entry.key().equals(key)) {
          throw new Malformed(
              number, "mapping key \"" + key + "\" already defined at line " + entry.line());
        }
      }
      String rest = text.substring(end + 1).strip();
      entries.add(new Entry(key, number, tableValue(rest, indent, number)));
    }
    if (!lines.atEnd() && lines.indent() > indent) {
      throw new Malformed(lines.number(), "did not find expected key");
    }
    return new Yaml.Table(entries, start);
  }

  private Yaml tableValue(String rest, int indent, int number) {
    String value = YamlScalars.withoutComment(rest);
    if (!value.isEmpty()) {
      return value(value, indent);
    }
    lines.next();
    if (!lines.atEnd() && lines.indent() == indent && (lines.content() + " ").startsWith("- ")) {
      return block(indent);
    }
    return nested(indent + 1, number);
  }

  /**
   * A value that starts on the current line with the given text; its further lines are deeper than
   * the parent.
   */
  private Yaml value(String text, int parentIndent) {
    int number = lines.number();
    if (text.startsWith("&")) {
      return anchored(text, parentIndent);
    } else if (text.startsWith("*")) {
      Yaml known = anchors.get(YamlScalars.withoutComment(text).substring(1));
      if (known == null) {
        throw new Malformed(number, "unknown anchor '" + text.substring(1) + "' referenced");
      }
      lines.next();
      return known;
    }
    char first = text.charAt(0);
    if (first == '|' || first == '>') {
      return scalars.block(text, parentIndent);
    } else if (first == '[' || first == '{') {
      return new YamlFlow(lines, text, parentIndent).read();
    }
    return scalars.inline(text, parentIndent);
  }

  /** A value with names before it, as many as there are. */
  private Yaml anchored(String text, int parentIndent) {
    int number = lines.number();
    List<String> names = new ArrayList<>();
    String rest = text;
    while (rest.startsWith("&")) {
      int space = rest.indexOf(' ');
      names.add(rest.substring(1, space < 0 ? rest.length() : space));
      rest = space < 0 ? "" : rest.substring(space).strip();
    }
    Yaml anchored;
    if (rest.isEmpty()) {
      lines.next();
      anchored = nested(parentIndent + 1, number);
    } else {
      anchored = value(rest, parentIndent);
    }
    names.forEach(name -> anchors.put(name, anchored));
    return anchored;
  }
}
