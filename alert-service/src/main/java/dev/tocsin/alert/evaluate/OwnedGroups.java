package dev.tocsin.alert.evaluate;

import dev.tocsin.alert.evaluate.window.Selection;
import dev.tocsin.common.contract.AlertStateRecord;
import dev.tocsin.common.contract.RuleGroupRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The groups the evaluation thread works on: brought in line with {@link Ownership}, restored from
 * their stored states when they are new here. Used by the evaluation thread only.
 */
final class OwnedGroups {
  private static final Logger log = LoggerFactory.getLogger(OwnedGroups.class);

  private final Ownership ownership;
  private final StateStore states;
  private final RuleGroups reader;
  private final EvaluationSettings settings;
  private final Duration lookback;
  private final TreeMap<String, GroupRun> runs = new TreeMap<>();
  private final Map<String, RuleGroupRecord> definitions = new HashMap<>();
  private final List<GroupRun> dismissed = new ArrayList<>();
  private final Set<String> deletedChecked = new HashSet<>();
  private Set<Integer> partitions = Set.of();
  private long appliedVersion = -1;
  private boolean waiting;

  /** A group that is new here and waits for its states. */
  private record Fresh(RuleGroupRecord definition, RuleGroup group) {}

  OwnedGroups(
      Ownership ownership,
      StateStore states,
      RuleGroups reader,
      EvaluationSettings settings,
      Duration lookback) {
    this.ownership = ownership;
    this.states = states;
    this.reader = reader;
    this.settings = settings;
    this.lookback = lookback;
  }

  Map<String, GroupRun> runs() {
    return runs;
  }

  /** Groups that have been deleted and whose alerts are to be resolved. */
  List<GroupRun> dismissed() {
    return dismissed;
  }

  /** Partitions of the rules topic this instance owns. */
  Set<Integer> partitions() {
    return partitions;
  }

  /** Whether some owned group is not running because its states cannot be read yet. */
  boolean waiting() {
    return waiting;
  }

  Selection selection() {
    return Selection.union(runs.values().stream().map(r -> r.group().selection(lookback)).toList());
  }

  /** Goes on with these groups, whose results are published. */
  void advance(Map<String, GroupRun> next, List<GroupRun> dismissals) {
    runs.putAll(next);
    dismissed.removeAll(dismissals);
  }

  /**
   * Takes over what changed in the ownership.
   *
   * @return whether the set of groups or their definitions changed
   */
  boolean refresh() {
    Ownership.Snapshot now = ownership.snapshot();
    if (now.version() == appliedVersion && !waiting) {
      return false;
    }
    appliedVersion = now.version();
    partitions = now.partitions();
    boolean changed = letGo(now.groups());
    ownership.confirm(now.version());
    Map<String, Fresh> fresh = new HashMap<>();
    Set<String> deleted = new HashSet<>();
    for (Map.Entry<String, Optional<RuleGroupRecord>> entry : now.groups().entrySet()) {
      String key = entry.getKey();
      if (entry.getValue().isEmpty()) {
        changed |= delete(key, deleted);
      } else if (!entry.getValue().get().equals(definitions.get(key))) {
        changed |= define(key, entry.getValue().get(), fresh);
      }
    }
    return restore(fresh, deleted) || changed;
  }

  private boolean letGo(Map<String, Optional<RuleGroupRecord>> groups) {
    boolean changed = runs.keySet().retainAll(groups.keySet());
    definitions.keySet().retainAll(groups.keySet());
    deletedChecked.retainAll(groups.keySet());
    dismissed.removeIf(run -> !groups.containsKey(run.group().key()));
    return changed;
  }

  private boolean delete(String key, Set<String> toCheck) {
    definitions.remove(key);
    GroupRun run = runs.remove(key);
    if (run != null) {
      dismissed.add(run);
      deletedChecked.add(key);
    } else if (!deletedChecked.contains(key)) {
      toCheck.add(key);
    }
    return run != null;
  }

  private boolean define(String key, RuleGroupRecord definition, Map<String, Fresh> fresh) {
    RuleGroup group;
    try {
      group = reader.read(definition);
    } catch (IllegalArgumentException e) {
      log.warn(
          "rule group {} is not usable, what ran under its name goes on: {}", key, e.getMessage());
      definitions.put(key, definition);
      return false;
    }
    GroupRun run = runs.get(key);
    if (run == null) {
      fresh.put(key, new Fresh(definition, group));
      return false;
    }
    runs.put(key, run.redefined(group));
    definitions.put(key, definition);
    return true;
  }

  private boolean restore(Map<String, Fresh> fresh, Set<String> deleted) {
    Set<String> keys = new HashSet<>(fresh.keySet());
    keys.addAll(deleted);
    waiting = false;
    if (keys.isEmpty()) {
      return false;
    }
    Map<String, List<AlertStateRecord>> byGroup = new HashMap<>();
    try {
      for (AlertStateRecord state : states.load(keys)) {
        byGroup.computeIfAbsent(state.ruleGroup(), g -> new ArrayList<>()).add(state);
      }
    } catch (RuntimeException e) {
      log.warn("the states of {} rule groups cannot be read yet: {}", keys.size(), e.toString());
      waiting = true;
      return false;
    }
    fresh.forEach(
        (key, one) -> {
          runs.put(
              key, GroupRun.restored(one.group, settings, byGroup.getOrDefault(key, List.of())));
          definitions.put(key, one.definition);
          log.info("evaluating rule group {}", key);
        });
    for (String key : deleted) {
      deletedChecked.add(key);
      List<AlertStateRecord> left = byGroup.getOrDefault(key, List.of());
      if (!left.isEmpty()) {
        RuleGroup nothing =
            new RuleGroup(key, key, "", Duration.ofSeconds(1), Duration.ZERO, 0, List.of());
        dismissed.add(GroupRun.restored(nothing, settings, left));
      }
    }
    return !fresh.isEmpty();
  }
}
