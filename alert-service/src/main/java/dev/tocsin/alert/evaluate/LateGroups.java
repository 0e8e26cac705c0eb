package dev.tocsin.alert.evaluate;

import dev.tocsin.alert.evaluate.group.AlertSize;
import dev.tocsin.alert.evaluate.group.RuleTexts;
import dev.tocsin.alert.evaluate.group.RuleView;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which rule groups take more time than they have, or than the others can wait. Once may be a pause
 * of the process; a group is named when it is late twice in a row. Told by the evaluation thread,
 * asked by any.
 */
final class LateGroups {
  /** A group that takes so long is late, however seldom it is due. */
  private static final long LATE_MS = RuleTexts.ANNOTATIONS_MS;

  /** How often in a row, by the group's key. */
  private final Map<String, Integer> inARow = new ConcurrentHashMap<>();

  /**
   * Takes note of an evaluation.
   *
   * @return whether it was late
   */
  boolean evaluated(RuleView.Group view) {
    String key = view.group().key();
    boolean late = isLate(view);
    if (late) {
      inARow.merge(key, 1, Integer::sum);
    } else {
      inARow.remove(key);
    }
    return late;
  }

  /** Other groups are owned now. */
  void forget() {
    inARow.clear();
  }

  /** What to say of those groups that are late again. */
  List<String> problems(List<RuleView.Group> views) {
    return views.stream()
        .filter(view -> inARow.getOrDefault(view.group().key(), 0) > 1)
        .map(LateGroups::text)
        .toList();
  }

  private static boolean isLate(RuleView.Group view) {
    double tookMs = view.evaluationSeconds() * 1_000;
    boolean longerThanASlice = tookMs > RuleEvaluator.SLICE_MS;
    return tookMs >= LATE_MS || (longerThanASlice && tookMs > view.group().interval().toMillis());
  }

  private static String text(RuleView.Group view) {
    return "rule group %s takes %.1f s of its interval of %s; all others wait for it meanwhile"
        .formatted(
            AlertSize.cut(view.group().key(), 200),
            view.evaluationSeconds(),
            seconds(view.group().interval()));
  }

  private static String seconds(Duration interval) {
    return interval.toMillis() % 1_000 == 0
        ? interval.toSeconds() + " s"
        : interval.toMillis() + " ms";
  }
}
