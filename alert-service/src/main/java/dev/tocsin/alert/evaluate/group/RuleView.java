package dev.tocsin.alert.evaluate.group;

import dev.tocsin.alert.rules.LoadedGroup;
import dev.tocsin.promql.rules.Rule;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A rule as people see it.
 *
 * @param error of the last evaluation, empty when it went well
 * @param evaluatedAt null before the first evaluation
 * @param alerts pending and firing instances
 */
public record RuleView(
    Rule rule,
    String error,
    @Nullable Instant evaluatedAt,
    double evaluationSeconds,
    List<AlertInstance> alerts) {

  /**
   * A group as people see it.
   *
   * @param evaluatedAt null before the first evaluation
   */
  public record Group(
      LoadedGroup group,
      @Nullable Instant evaluatedAt,
      double evaluationSeconds,
      List<RuleView> rules) {}
}
