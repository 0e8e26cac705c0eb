package dev.tocsin.promql.rules;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rules evaluated together, in order, at one timestamp.
 *
 * @param interval null for the default of whoever evaluates it
 * @param limit most series or alerts a rule may give, 0 for no limit
 * @param queryOffset how far back queries look, null for the default
 * @param labels added to every rule; a rule's own label of the same name wins. Already merged into
 *     the rules
 * @param line where the group starts, from 1
 */
public record RuleGroup(
    String name,
    @Nullable Duration interval,
    int limit,
    @Nullable Duration queryOffset,
    Map<String, String> labels,
    List<Rule> rules,
    int line) {
  public RuleGroup {
    labels = Map.copyOf(labels);
    rules = List.copyOf(rules);
  }
}
