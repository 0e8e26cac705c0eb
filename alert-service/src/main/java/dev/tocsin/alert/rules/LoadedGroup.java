package dev.tocsin.alert.rules;

import dev.tocsin.alert.window.Selection;
import dev.tocsin.promql.SelectorAnalysis;
import dev.tocsin.promql.rules.RecordingRule;
import dev.tocsin.promql.rules.Rule;
import dev.tocsin.promql.series.LabelMatcher;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A rule group ready to run.
 *
 * @param key unique over all sources: {@code <source>/<name>}
 * @param source where it is kept: {@code default}, {@code file} or {@code api}
 * @param interval between evaluations
 * @param queryOffset how far behind the clock it looks
 * @param limit of instances or series a rule may make, 0 for any
 */
public record LoadedGroup(
    String key,
    String name,
    String source,
    Duration interval,
    Duration queryOffset,
    int limit,
    List<Rule> rules) {
  public LoadedGroup {
    rules = List.copyOf(rules);
  }

  /** What its rules read, for the live window. */
  public Selection selection(Duration lookback) {
    Map<List<LabelMatcher>, Long> ranges = new HashMap<>();
    for (Rule rule : rules) {
      for (SelectorAnalysis.Selector selector :
          SelectorAnalysis.of(rule.expr(), lookback).selectors()) {
        long rangeMs = selector.lookbackMs() + queryOffset.toMillis();
        ranges.merge(selector.matchers(), rangeMs, Math::max);
      }
    }
    return new Selection(ranges);
  }

  /**
   * As of when its rules read when they are evaluated at that time. Never before 1970: there is
   * nothing to be found, and what rules record there could not be published.
   */
  public Instant asOf(Instant at) {
    Instant back = at.minus(queryOffset);
    return back.isBefore(Instant.EPOCH) ? Instant.EPOCH : back;
  }

  /** Whether all its rules record, so that others may want its outputs of the same tick. */
  public boolean recordsOnly() {
    return rules.stream().allMatch(rule -> rule instanceof RecordingRule);
  }
}
