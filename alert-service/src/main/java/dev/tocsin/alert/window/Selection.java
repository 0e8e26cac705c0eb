package dev.tocsin.alert.window;

import dev.tocsin.promql.series.LabelMatcher;
import dev.tocsin.promql.series.Labels;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a set of rules reads: their selectors, and how far back each of them looks.
 *
 * @param ranges selectors, each a list of matchers that all must pass, with the longest way back
 *     they look in milliseconds, lookback and offsets included; no more than {@link #RANGE_MS_MAX}
 */
public record Selection(Map<List<LabelMatcher>, Long> ranges) {
  /** Nothing at all. */
  public static final Selection NONE = new Selection(Map.of());

  /** Stands for the name of metrics of whatever name. */
  static final String ANY_NAME = "(any name)";

  /**
   * Nothing is older. Far below what a long holds, so that times and ranges may be added without a
   * thought.
   */
  public static final long RANGE_MS_MAX = 1_000L * 366 * 86_400 * 1_000;

  public Selection {
    Map<List<LabelMatcher>, Long> bounded = new HashMap<>();
    ranges.forEach(
        (selector, rangeMs) -> bounded.put(selector, Math.min(Math.max(0, rangeMs), RANGE_MS_MAX)));
    ranges = Map.copyOf(bounded);
  }

  /** Selectors that all look back equally far. */
  public static Selection of(Collection<List<LabelMatcher>> selectors, long rangeMs) {
    Map<List<LabelMatcher>, Long> ranges = new HashMap<>();
    selectors.forEach(selector -> ranges.put(selector, rangeMs));
    return new Selection(ranges);
  }

  public static Selection union(Collection<Selection> all) {
    Map<List<LabelMatcher>, Long> ranges = new HashMap<>();
    all.forEach(
        one -> one.ranges.forEach((selector, range) -> ranges.merge(selector, range, Math::max)));
    return new Selection(ranges);
  }

  /** The longest way back any of them looks. */
  public long rangeMs() {
    return ranges.values().stream().mapToLong(Long::longValue).max().orElse(0);
  }

  /** Whether a window filled for this selection serves the other one too. */
  public boolean covers(Selection other) {
    return other.ranges.entrySet().stream()
        .allMatch(
            wanted -> {
              Long kept = ranges.get(wanted.getKey());
              return kept != null && kept >= wanted.getValue();
            });
  }

  /** The metrics of selectors that look back further; {@link #ANY_NAME} for one that names none. */
  Set<String> lookingBeyond(long rangeMs) {
    Set<String> names = new HashSet<>();
    ranges.forEach(
        (selector, range) -> {
          if (range > rangeMs) {
            String name = nameOf(selector);
            names.add(name.isEmpty() ? ANY_NAME : name);
          }
        });
    return names;
  }

  /** The selectors arranged for quick answers. */
  Filter filter() {
    return new Filter(ranges);
  }

  /** Decides for each series whether it is kept; selectors by metric name where they have one. */
  static final class Filter {
    static final long NOBODY = -1;

    private final Map<String, List<Ranged>> named = new HashMap<>();
    private final List<Ranged> anyName = new ArrayList<>();

    private record Ranged(List<LabelMatcher> selector, long rangeMs) {}

    private Filter(Map<List<LabelMatcher>, Long> ranges) {
      ranges.forEach(
          (selector, rangeMs) -> {
            String name = nameOf(selector);
            List<Ranged> home =
                name.isEmpty() ? anyName : named.computeIfAbsent(name, n -> new ArrayList<>());
            home.add(new Ranged(selector, rangeMs));
          });
    }

    /** False when no series of that name is wanted. */
    boolean mayWant(String metricName) {
      return !anyName.isEmpty() || named.containsKey(metricName);
    }

    /** How far back somebody looks at the series; {@link #NOBODY} when nobody does. */
    long rangeMs(Labels labels) {
      List<Ranged> byName = named.getOrDefault(labels.metricName(), List.of());
      return Math.max(rangeMs(byName, labels), rangeMs(anyName, labels));
    }

    private static long rangeMs(List<Ranged> selectors, Labels labels) {
      long rangeMs = NOBODY;
      for (Ranged one : selectors) {
        if (one.rangeMs > rangeMs
            && one.selector.stream().allMatch(matcher -> matcher.matches(labels))) {
          rangeMs = one.rangeMs;
        }
      }
      return rangeMs;
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
