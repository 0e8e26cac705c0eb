package dev.tocsin.promql.rules;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A YAML document as a tree that remembers lines. */
sealed interface Yaml {
  /** Line from 1. */
  int line();

  /**
   * A scalar.
   *
   * @param plain whether it was written without quotes, so that {@code null} or {@code 5} are not
   *     strings
   */
  record Text(String value, boolean plain, int line) implements Yaml {
    boolean isNull() {
      return plain
          && (value.isEmpty() || value.equals("~") || value.equals("null") || value.equals("Null"));
    }
  }

  /** A list. */
  record Items(List<Yaml> items, int line) implements Yaml {}

  /** A mapping; keys in order, duplicates kept for the reader to complain about. */
  record Table(List<Entry> entries, int line) implements Yaml {
    @Nullable Yaml get(String key) {
      for (Entry entry : entries) {
        if (entry.key().equals(key)) {
          return entry.value();
        }
      }
      return null;
    }
  }

  /** A key and its value. */
  record Entry(String key, int line, Yaml value) {}

  /** What keeps a text from being YAML that this reader understands. */
  final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int line;

    Malformed(int line, String message) {
      super(message);
      this.line = line;
    }

    int line() {
      return line;
    }
  }
}
