package dev.tocsin.alert.evaluate.window;

import dev.tocsin.promql.LabelMatcher;
import dev.tocsin.promql.Labels;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a set of rules reads: their selectors, and how far back.
 *
 * @param selectors each a list of matchers that all must pass
 * @param rangeMs the longest way back any of them looks, lookback and offsets included; no more
 *     than {@link #RANGE_MS_MAX}
 */
public record Selection(Set<List<LabelMatcher>> selectors, long rangeMs) {
  /** Nothing at all. */
  public static final Selection NONE = new Selection(Set.of(), 0);

  /**
   * Nothing is older. Far below what a long holds, so that times and ranges may be added without a
   * thought.
   */
  public static final long RANGE_MS_MAX = 1_000L * 366 * 86_400 * 1_000;

  public Selection {
    rangeMs = Math.min(Math.max(0, rangeMs), RANGE_MS_MAX);
    selectors = Set.copyOf(selectors);
  }

  public static Selection union(Collection<Selection> all) {
    Set<List<LabelMatcher>> selectors = new HashSet<>();
    long rangeMs = 0;
    for (Selection one : all) {
      selectors.addAll(one.selectors);
      rangeMs = Math.max(rangeMs, one.rangeMs);
    }
    return new Selection(selectors, rangeMs);
  }

  /** Whether a window filled for this selection serves the other one too. */
  public boolean covers(Selection other) {
    return rangeMs >= other.rangeMs && selectors.containsAll(other.selectors);
  }

  /** The selectors arranged for quick answers. */
  Filter filter() {
    return new Filter(selectors);
  }

  /** Decides for each series whether it is kept; selectors by metric name where they have one. */
  static final class Filter {
    private final Map<String, List<List<LabelMatcher>>> named = new HashMap<>();
    private final List<List<LabelMatcher>> anyName = new ArrayList<>();

    private Filter(Set<List<LabelMatcher>> selectors) {
      for (List<LabelMatcher> selector : selectors) {
        String name = nameOf(selector);
        if (name.isEmpty()) {
          anyName.add(selector);
        } else {
          named.computeIfAbsent(name, n -> new ArrayList<>()).add(selector);
        }
      }
    }

    /** False when no series of that name is wanted. */
    boolean mayWant(String metricName) {
      return !anyName.isEmpty() || named.containsKey(metricName);
    }

    boolean wants(Labels labels) {
      return matchesAny(named.getOrDefault(labels.metricName(), List.of()), labels)
          || matchesAny(anyName, labels);
    }

    private static boolean matchesAny(List<List<LabelMatcher>> selectors, Labels labels) {
      for (List<LabelMatcher> selector : selectors) {
        if (selector.stream().allMatch(matcher -> matcher.matches(labels))) {
          return true;
        }
      }
      return false;
    }
  }

  /** The metric name a selector asks for, empty when it does not fix one. */
  static String nameOf(List<LabelMatcher> selector) {
    for (LabelMatcher matcher : selector) {
      if (matcher.name().equals(Labels.METRIC_NAME) && matcher.op() == LabelMatcher.Op.EQ) {
        return matcher.value();
      }
    }
    return "";
  }
}
