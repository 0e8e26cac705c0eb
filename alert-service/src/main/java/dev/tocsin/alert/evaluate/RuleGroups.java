package dev.tocsin.alert.evaluate;

import dev.tocsin.common.contract.RuleGroupRecord;
import dev.tocsin.promql.rules.AlertingRule;
import dev.tocsin.promql.rules.RuleFile;
import dev.tocsin.promql.rules.RuleFileResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Reads rule groups as they lie on the rules topic. */
public final class RuleGroups {
  private static final int NAME_CHARACTERS_MAX = 1_024;

  private final Duration defaultInterval;

  public RuleGroups(Duration defaultInterval) {
    this.defaultInterval = defaultInterval;
  }

  /**
   * @throws IllegalArgumentException when the record does not hold exactly one sound group
   */
  RuleGroup read(RuleGroupRecord definition) {
    RuleFileResult result = RuleFile.parse(definition.yaml());
    if (!result.ok()) {
      throw new IllegalArgumentException(result.problems().toString());
    }
    if (result.groups().size() != 1) {
      throw new IllegalArgumentException(
          "groups: " + result.groups().size() + " (expected: exactly 1)");
    }
    var group = result.groups().get(0);
    bounded("group", definition.name());
    group.rules().forEach(rule -> bounded("rule", rule.name()));
    return new RuleGroup(
        definition.name(),
        group.name(),
        definition.source(),
        Objects.requireNonNullElse(group.interval(), defaultInterval),
        Objects.requireNonNullElse(group.queryOffset(), Duration.ZERO),
        group.limit(),
        rules(group.rules()));
  }

  /** Every statement about an alert carries both names. */
  private static void bounded(String what, String name) {
    if (name.length() > NAME_CHARACTERS_MAX) {
      throw new IllegalArgumentException(
          "name of a %s: %d characters (expected: at most %d)"
              .formatted(what, name.length(), NAME_CHARACTERS_MAX));
    }
  }

  private static List<Rule> rules(List<dev.tocsin.promql.rules.Rule> parsed) {
    Map<String, Integer> sameName = new HashMap<>();
    List<Rule> rules = new ArrayList<>();
    for (dev.tocsin.promql.rules.Rule rule : parsed) {
      int number = sameName.merge(rule.name(), 1, Integer::sum);
      String id = number == 1 ? rule.name() : rule.name() + "#" + number;
      rules.add(
          rule instanceof AlertingRule alerting
              ? new Rule.Alerting(
                  id,
                  rule.name(),
                  rule.query(),
                  rule.expr(),
                  alerting.forDuration(),
                  alerting.keepFiringFor(),
                  rule.labels(),
                  alerting.annotations())
              : new Rule.Recording(id, rule.name(), rule.query(), rule.expr(), rule.labels()));
    }
    return rules;
  }
}
