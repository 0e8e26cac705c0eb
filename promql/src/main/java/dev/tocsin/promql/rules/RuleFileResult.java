package dev.tocsin.promql.rules;

import java.util.List;

/**
 * What a rule file holds.
 *
 * @param groups the groups read; complete only when there is no problem
 * @param problems everything wrong with the file, by line; a file with any is not to be used
 * @param hints what is allowed but likely a mistake, such as two rules of the same name and labels
 */
public record RuleFileResult(List<RuleGroup> groups, List<Problem> problems, List<Problem> hints) {
  public RuleFileResult {
    groups = List.copyOf(groups);
    problems = List.copyOf(problems);
    hints = List.copyOf(hints);
  }

  public boolean ok() {
    return problems.isEmpty();
  }

  /** Something wrong, and the line (from 1) it is on. */
  public record Problem(int line, String message) {
    @Override
    public String toString() {
      return line + ": " + message;
    }
  }
}
