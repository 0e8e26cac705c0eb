package dev.tocsin.promql.rules;

import dev.tocsin.promql.rules.Yaml.Malformed;
import java.util.ArrayList;
import java.util.List;

/** The lines of a document; the cursor rests on lines with content only. */
final class YamlLines {
  private final List<String> lines;
  private int at;

  YamlLines(String text) {
    this.lines = new ArrayList<>(List.of(text.replace("\r\n", "\n").split("\n", -1)));
    if (text.startsWith("\ufeff")) {
      lines.set(0, lines.get(0).substring(1));
    }
    skip();
    if (!atEnd() && lines.get(at).startsWith("---")) {
      lines.set(at, lines.get(at).substring(3));
      skip();
    }
  }

  private void skip() {
    while (at < lines.size() && isBlank(lines.get(at))) {
      at++;
    }
    if (at < lines.size()
        && (lines.get(at).equals("...") || (at > 0 && lines.get(at).startsWith("--- ")))) {
      throw new Malformed(number(), "several documents in one file");
    }
  }

  static boolean isBlank(String line) {
    String text = line.strip();
    return text.isEmpty() || text.startsWith("#");
  }

  boolean atEnd() {
    return at >= lines.size();
  }

  /** Line number from 1. */
  int number() {
    return Math.min(at, lines.size() - 1) + 1;
  }

  int indent() {
    String line = lines.get(at);
    int indent = indentOf(line);
    if (indent < line.length() && line.charAt(indent) == '\t') {
      throw new Malformed(number(), "found character that cannot start any token");
    }
    return indent;
  }

  static int indentOf(String line) {
    int indent = 0;
    while (indent < line.length() && line.charAt(indent) == ' ') {
      indent++;
    }
    return indent;
  }

  /** The current line without indentation and trailing blanks. */
  String content() {
    return lines.get(at).strip();
  }

  void next() {
    at++;
    skip();
  }

  /** Turns {@code - x} into {@code x}: the item's content keeps its column. */
  void replaceDash() {
    String line = lines.get(at);
    int dash = line.indexOf('-');
    lines.set(at, line.substring(0, dash) + " " + line.substring(dash + 1));
  }

  /** Moves to the next line even if it is blank. */
  void nextRaw() {
    at++;
  }

  boolean hasRaw() {
    return at < lines.size();
  }

  String raw() {
    return lines.get(at);
  }

  /** After raw reading: on to a line with content. */
  void resume() {
    skip();
  }
}
