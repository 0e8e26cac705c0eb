package dev.tocsin.promql.rules;

import dev.tocsin.promql.rules.RuleFileResult.Problem;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds halves of characters (lone surrogates), which YAML can write as an escape. They cannot be
 * encoded: what is stored under a name with one is not found under that name again.
 */
final class WholeCharacters {
  private WholeCharacters() {}

  /** One problem for each line of a tree that holds such a half. */
  static List<Problem> problems(Yaml tree, String where) {
    List<Problem> problems = new ArrayList<>();
    visit(tree, where, problems);
    return problems;
  }

  private static void visit(Yaml tree, String where, List<Problem> problems) {
    if (tree instanceof Yaml.Text text) {
      check(text.value(), text.line(), where, problems);
    } else if (tree instanceof Yaml.Items list) {
      list.items().forEach(item -> visit(item, where, problems));
    } else if (tree instanceof Yaml.Table table) {
      for (Yaml.Entry entry : table.entries()) {
        check(entry.key(), entry.line(), where, problems);
        visit(entry.value(), where, problems);
      }
    }
  }

  private static void check(String text, int line, String where, List<Problem> problems) {
    String shown = shown(text);
    if (!shown.equals(text)) {
      String excerpt = shown.length() > 200 ? shown.substring(0, 200) + "..." : shown;
      problems.add(
          new Problem(
              line,
              where
                  + ": half of a character in \""
                  + excerpt
                  + "\" (expected: whole Unicode characters, no lone surrogates)"));
    }
  }

  /** The text with halves of characters as escapes. */
  static String shown(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .forEach(
            point -> {
              if (Character.getType(point) == Character.SURROGATE) {
                shown.append(String.format("\\u%04x", point));
              } else {
                shown.appendCodePoint(point);
              }
            });
    return shown.toString();
  }
}
