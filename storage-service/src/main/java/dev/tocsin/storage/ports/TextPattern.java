package dev.tocsin.storage.ports;

import dev.tocsin.promql.regex.Regex;
import dev.tocsin.promql.text.PromqlException;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression of a query, in RE2 syntax. Time to match is linear in the text, whatever the
 * expression, and expressions are limited to {@value #CHARS_MAX} characters and {@value
 * #INSTRUCTIONS_MAX} compiled instructions. Immutable and thread-safe.
 */
public final class TextPattern {
  /** Matches nothing. */
  public static final TextPattern NONE = new TextPattern(null);

  static final int CHARS_MAX = 1_000;
  static final int INSTRUCTIONS_MAX = 2_000;

  private final @Nullable Regex regex;

  private TextPattern(@Nullable Regex regex) {
    this.regex = regex;
  }

  /**
   * @throws IllegalArgumentException with a sentence for the caller
   */
  public static TextPattern compile(String text) {
    if (text.length() > CHARS_MAX) {
      throw new IllegalArgumentException(
          "a regular expression of "
              + text.length()
              + " characters (expected: at most "
              + CHARS_MAX
              + ")");
    }
    Regex regex;
    try {
      regex = Regex.compile(text);
    } catch (PromqlException e) {
      throw new IllegalArgumentException(
          text + ": " + e.getMessage() + " (expected: a regular expression of RE2 syntax)", e);
    }
    if (regex.instructions() > INSTRUCTIONS_MAX) {
      throw new IllegalArgumentException(
          text
              + ": compiles to "
              + regex.instructions()
              + " instructions (expected: at most "
              + INSTRUCTIONS_MAX
              + ")");
    }
    return new TextPattern(regex);
  }

  /** Whether the whole text matches. */
  public boolean matches(String text) {
    return regex != null && regex.matches(text);
  }

  /** Whether any part of the text matches. */
  public boolean find(String text) {
    return regex != null && regex.find(text);
  }
}
