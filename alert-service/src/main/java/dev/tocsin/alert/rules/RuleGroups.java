package dev.tocsin.alert.rules;

import dev.tocsin.common.contract.RuleGroupRecord;
import dev.tocsin.promql.parse.Durations;
import dev.tocsin.promql.rules.RuleFile;
import dev.tocsin.promql.rules.RuleFileResult;
import dev.tocsin.promql.rules.RuleGroup;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads rule groups as they lie on the rules topic. */
public final class RuleGroups {
  private static final int NAME_CHARACTERS_MAX = 1_024;

  /** One that is due more often keeps the evaluation from everything else. */
  private static final Duration INTERVAL_MIN = Duration.ofMillis(1);

  /** One that is due more seldom never is. */
  private static final Duration INTERVAL_MAX = Duration.ofDays(365);

  private final Duration defaultInterval;

  public RuleGroups(Duration defaultInterval) {
    this.defaultInterval = defaultInterval;
  }

  /**
   * @throws IllegalArgumentException when the record does not hold exactly one sound group
   */
  public LoadedGroup read(RuleGroupRecord definition) {
    RuleFileResult result = RuleFile.parse(definition.yaml());
    if (!result.ok()) {
      throw new IllegalArgumentException(result.problems().toString());
    }
    if (result.groups().size() != 1) {
      throw new IllegalArgumentException(
          "groups: " + result.groups().size() + " (expected: exactly 1)");
    }
    RuleGroup group = result.groups().get(0);
    bounded("group", definition.name());
    group.rules().forEach(rule -> bounded("rule", rule.name()));
    problem(group)
        .ifPresent(
            problem -> {
              throw new IllegalArgumentException(problem);
            });
    return new LoadedGroup(
        definition.name(),
        group.name(),
        definition.source(),
        interval(group.interval()),
        offset(group.queryOffset()),
        group.limit(),
        group.rules());
  }

  /** As in Prometheus, an interval of nothing is that of all groups. */
  private Duration interval(@Nullable Duration own) {
    return own == null || own.isZero() ? defaultInterval : own;
  }

  private static Duration offset(@Nullable Duration own) {
    return own == null ? Duration.ZERO : own;
  }

  /** Why a group that is written as it should be cannot run all the same. */
  public static Optional<String> problem(RuleGroup group) {
    Duration interval = group.interval();
    if (interval == null || interval.isZero()) {
      return Optional.empty();
    }
    boolean sound = interval.compareTo(INTERVAL_MIN) >= 0 && interval.compareTo(INTERVAL_MAX) <= 0;
    return sound
        ? Optional.empty()
        : Optional.of(
            "interval: %s (expected: %s to %s, or 0s for evaluation_interval)"
                .formatted(text(interval), text(INTERVAL_MIN), text(INTERVAL_MAX)));
  }

  private static String text(Duration duration) {
    return Durations.print(duration.toMillis());
  }

  /** Every statement about an alert carries both names. */
  private static void bounded(String what, String name) {
    if (name.length() > NAME_CHARACTERS_MAX) {
      throw new IllegalArgumentException(
          "name of a %s: %d characters (expected: at most %d)"
              .formatted(what, name.length(), NAME_CHARACTERS_MAX));
    }
  }
}
