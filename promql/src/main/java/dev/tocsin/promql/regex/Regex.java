package dev.tocsin.promql.regex;

import dev.tocsin.promql.text.PromqlException;
import dev.tocsin.promql.text.PromqlException.Kind;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression in RE2 syntax, matched by simulating all alternatives at once: time grows
 * with the length of the text times the size of the expression, whatever both are. Immutable and
 * thread-safe. {@code .} also matches a line break. Counted repetitions are limited to 1000 and the
 * compiled size to {@value #INSTRUCTIONS_MAX} instructions.
 */
public final class Regex {
  static final int INSTRUCTIONS_MAX = 20_000;

  private final Program program;

  /** What it matches as a whole, when that is one of a few texts. */
  private final @Nullable Set<String> literals;

  private Regex(Program program, @Nullable Set<String> literals) {
    this.program = program;
    this.literals = literals;
  }

  /**
   * @throws PromqlException of kind PARSE when the text is no regular expression
   */
  public static Regex compile(String text) {
    RegexNode node;
    try {
      RegexParser parser = new RegexParser(text);
      node = parser.parse();
      return new Regex(Program.compile(node, parser.groupCount()), Literals.of(node));
    } catch (RegexParser.Malformed e) {
      throw new PromqlException(Kind.PARSE, "error parsing regexp: " + e.getMessage(), e);
    }
  }

  /** Compiled size: what time per character grows with. */
  public int instructions() {
    return program.size();
  }

  /** Whether the whole text matches. */
  public boolean matches(String text) {
    return literals != null ? literals.contains(text) : RegexMatcher.accepts(program, text);
  }

  /**
   * The template with {@code $1} and {@code ${1}} filled in, or null when the whole text does not
   * match.
   */
  public @Nullable String expand(String text, String template) {
    int[] groups = RegexMatcher.match(program, text, 0, true);
    if (groups == null) {
      return null;
    }
    StringBuilder out = new StringBuilder();
    append(out, template, text, groups);
    return out.toString();
  }

  /** Whether any part of the text matches. */
  public boolean find(String text) {
    return RegexMatcher.finds(program, text);
  }

  /**
   * The text with every match replaced by the filled-in template. As in Go, an empty match does not
   * follow at once on the match before.
   */
  public String replaceAll(String text, String template) {
    StringBuilder out = new StringBuilder();
    int copied = 0;
    int at = 0;
    while (at <= text.length()) {
      int[] groups = RegexMatcher.match(program, text, at, false);
      if (groups == null) {
        break;
      }
      out.append(text, copied, groups[0]);
      if (groups[1] > copied || groups[0] == 0) {
        append(out, template, text, groups);
      }
      copied = groups[1];
      boolean more = groups[1] == groups[0] && groups[1] < text.length();
      // The code point after an empty match is passed as a whole, both halves of it.
      at = more ? text.offsetByCodePoints(groups[1], 1) : Math.max(groups[1], at + 1);
    }
    return out.append(text, copied, text.length()).toString();
  }

  private void append(StringBuilder out, String template, String text, int[] groups) {
    List<String> names = program.groupNames();
    Expansion.append(
        out,
        template,
        name -> {
          int group = names.indexOf(name);
          group = group < 0 && name.matches("[0-9]{1,6}") ? Integer.parseInt(name) : group;
          if (group < 0 || 2 * group + 1 >= groups.length || groups[2 * group] < 0) {
            return "";
          }
          return text.substring(groups[2 * group], groups[2 * group + 1]);
        });
  }
}
