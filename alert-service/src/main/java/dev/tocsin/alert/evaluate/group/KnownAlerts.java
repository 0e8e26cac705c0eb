package dev.tocsin.alert.evaluate.group;

import dev.tocsin.alert.evaluate.group.AlertInstance.State;
import dev.tocsin.promql.series.Labels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the known alerts of a rule by those of their labels that could be expanded. A label whose
 * template fails would make another alert of it: the one known so far would end, and a new one
 * would page. So it is the known one that goes on; a new one gets the error as its label, as in
 * Prometheus.
 */
final class KnownAlerts {
  private final Map<String, AlertInstance> before;

  /** By the labels that failed, then by the others: there may be thousands of alerts. */
  private final Map<Set<String>, Map<Labels, List<Labels>>> byRest = new HashMap<>();

  KnownAlerts(Map<String, AlertInstance> before) {
    this.before = before;
  }

  /** The alerts that go on for a sample with these labels, of which some failed; or a new one. */
  List<Labels> identities(Labels labels, Set<String> failed) {
    if (failed.isEmpty()) {
      return List.of(labels);
    }
    return byRest
        .computeIfAbsent(Set.copyOf(failed), this::without)
        .getOrDefault(labels.without(failed), List.of(labels));
  }

  private Map<Labels, List<Labels>> without(Set<String> failed) {
    Map<Labels, List<Labels>> known = new HashMap<>();
    for (AlertInstance instance : before.values()) {
      if (instance.state() != State.INACTIVE) {
        known
            .computeIfAbsent(instance.labels().without(failed), rest -> new ArrayList<>())
            .add(instance.labels());
      }
    }
    return known;
  }
}
