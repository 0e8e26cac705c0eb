package dev.tocsin.app.conformance.check;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Results counted.
 *
 * @param passed by level
 * @param failed by level
 * @param skipped of all levels
 */
public record Summary(Map<Level, Integer> passed, Map<Level, Integer> failed, int skipped) {

  public static Summary of(List<Result> results) {
    Map<Level, Integer> passed = zeros();
    Map<Level, Integer> failed = zeros();
    int skipped = 0;
    for (Result result : results) {
      if (result.outcome() instanceof CaseOutcome.Passed) {
        int unused = passed.merge(result.of().level(), 1, Integer::sum);
      } else if (result.outcome() instanceof CaseOutcome.Failed) {
        int unused = failed.merge(result.of().level(), 1, Integer::sum);
      } else {
        skipped++;
      }
    }
    return new Summary(passed, failed, skipped);
  }

  /** Cases of the level that applied. */
  public int tried(Level level) {
    return count(passed, level) + count(failed, level);
  }

  public int passed(Level level) {
    return count(passed, level);
  }

  /** Whether no MUST was found broken. */
  public boolean conforms() {
    return count(failed, Level.MUST) == 0;
  }

  private static int count(Map<Level, Integer> counts, Level level) {
    return counts.getOrDefault(level, 0);
  }

  private static Map<Level, Integer> zeros() {
    return new EnumMap<>(Level.class);
  }
}
