package dev.tocsin.alert.evaluate;

import dev.tocsin.alert.evaluate.group.AlertSize;
import dev.tocsin.alert.evaluate.group.EvaluationSettings;
import dev.tocsin.alert.evaluate.group.GroupRun;
import dev.tocsin.alert.ports.StateStore;
import dev.tocsin.alert.rules.LoadedGroup;
import dev.tocsin.alert.rules.Ownership;
import dev.tocsin.alert.rules.RuleGroups;
import dev.tocsin.alert.window.Selection;
import dev.tocsin.common.contract.AlertStateRecord;
import dev.tocsin.common.contract.RuleGroupRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The groups the evaluation thread works on: brought in line with {@link Ownership}, restored from
 * their stored states when they are new here, or when it is not certain what was published of them.
 * Used by the evaluation thread only, but for {@link #problem}.
 */
final class OwnedGroups {
  private static final Logger log = LoggerFactory.getLogger(OwnedGroups.class);

  private final Ownership ownership;
  private final StateStore states;
  private final RuleGroups reader;
  private final EvaluationSettings settings;
  private final Duration lookback;
  private final SelfWatch self;
  private final Runnable settle;
  private final TreeMap<String, GroupRun> runs = new TreeMap<>();
  private final Map<String, RuleGroupRecord> definitions = new HashMap<>();
  private final Map<String, Selection> selections = new HashMap<>();
  private final Map<String, GroupRun> dismissed = new TreeMap<>();
  private final Map<String, Long> tenures = new HashMap<>();
  private final Set<String> deletedChecked = new HashSet<>();
  private final Map<String, String> unusable = new TreeMap<>();
  private final List<GroupRun> takenOver = new ArrayList<>();

  /** Groups of which it is not known what was published; they do not run until that is known. */
  private final Set<String> undecided = new TreeSet<>();

  private Set<Integer> partitions = Set.of();
  private long appliedVersion = -1;
  private long reading;
  private boolean waiting;

  /** Why states cannot be read. */
  private String trouble = "";

  private volatile String problem = "";

  /** A group that is new here and waits for its states. */
  private record Fresh(Optional<RuleGroupRecord> definition, LoadedGroup group) {}

  /**
   * @param settle returns when it is certain what was published; throws when it is not
   */
  OwnedGroups(
      Ownership ownership,
      StateStore states,
      RuleGroups reader,
      EvaluationSettings settings,
      Duration lookback,
      SelfWatch self,
      Runnable settle) {
    this.ownership = ownership;
    this.states = states;
    this.reader = reader;
    this.settings = settings;
    this.lookback = lookback;
    this.self = self;
    this.settle = settle;
  }

  /** The groups to run, but for the one that watches the others. */
  Collection<GroupRun> running() {
    List<GroupRun> running = new ArrayList<>();
    runs.forEach(
        (key, run) -> {
          if (!key.equals(SelfWatch.GROUP) && !undecided.contains(key)) {
            running.add(run);
          }
        });
    return running;
  }

  /** All groups, those that do not run at the moment included, but for the watching one. */
  List<GroupRun> all() {
    return runs.values().stream()
        .filter(run -> !run.group().key().equals(SelfWatch.GROUP))
        .toList();
  }

  /** The group that watches the others; empty until its states are known. */
  Optional<GroupRun> watching() {
    return undecided.contains(SelfWatch.GROUP)
        ? Optional.empty()
        : Optional.ofNullable(runs.get(SelfWatch.GROUP));
  }

  /** Groups that have been deleted and whose alerts are to be resolved. */
  List<GroupRun> dismissed() {
    return dismissed.values().stream()
        .filter(run -> !undecided.contains(run.group().key()))
        .toList();
  }

  /** Whether a group is still owned as it was when the ownership was last looked at. */
  boolean isOurs(String key) {
    if (key.equals(SelfWatch.GROUP) || ownership.isCurrent(appliedVersion)) {
      return true;
    }
    Ownership.Owned now = ownership.snapshot().groups().get(key);
    return now != null && Long.valueOf(now.tenure()).equals(tenures.get(key));
  }

  /** Partitions of the rules topic this instance owns. */
  Set<Integer> partitions() {
    return partitions;
  }

  /** Whether some owned group is not running because its states are not read yet. */
  boolean waiting() {
    return waiting;
  }

  /** What keeps groups from running as they are defined; empty when nothing does. */
  String problem() {
    return problem;
  }

  Selection selection() {
    return Selection.union(selections.values());
  }

  Dependencies dependencies() {
    return Dependencies.of(all().stream().map(GroupRun::group).toList());
  }

  /** Goes on with the group as it is now. */
  void advance(GroupRun next) {
    String key = next.group().key();
    if (runs.containsKey(key)) {
      runs.put(key, next);
    }
  }

  /** Goes on with a dismissed group as it is now; it is forgotten when nothing is left of it. */
  void dismissalDone(GroupRun next) {
    String key = next.group().key();
    if (next.isEmpty()) {
      dismissed.remove(key);
    } else {
      dismissed.put(key, next);
    }
  }

  /** It is not known what was published of these groups: their states have to be read back. */
  void undecided(Set<String> keys) {
    undecided.addAll(keys);
    reading++;
    waiting = true;
  }

  /** The groups that have become ours since this was last asked, as they were left. */
  List<GroupRun> takenOver() {
    List<GroupRun> all = List.copyOf(takenOver);
    takenOver.clear();
    return all;
  }

  /** The clock was set by that much. */
  void shift(Duration jump) {
    runs.replaceAll((key, run) -> run.shifted(jump));
    dismissed.replaceAll((key, run) -> run.shifted(jump));
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
    if (now.version() != appliedVersion) {
      appliedVersion = now.version();
      reading++;
    }
    partitions = now.partitions();
    boolean changed = letGo(now.groups());
    ownership.confirm(now.version());
    Map<String, Fresh> fresh = new HashMap<>();
    Set<String> deleted = new HashSet<>();
    if (!runs.containsKey(SelfWatch.GROUP)) {
      fresh.put(SelfWatch.GROUP, new Fresh(Optional.empty(), self.group()));
    }
    for (Map.Entry<String, Ownership.Owned> entry : now.groups().entrySet()) {
      String key = entry.getKey();
      Optional<RuleGroupRecord> definition = entry.getValue().definition();
      if (definition.isEmpty()) {
        changed |= delete(key, deleted);
      } else if (!definition.get().equals(definitions.get(key))) {
        changed |= define(key, definition.get(), fresh);
      }
    }
    changed |= restore(fresh, deleted);
    tellProblems(fresh.size());
    return changed;
  }

  private void tellProblems(int fresh) {
    List<String> problems = new ArrayList<>();
    unusable.forEach((key, why) -> problems.add("rule group " + key + " is not usable: " + why));
    if (waiting) {
      problems.add(
          (fresh + undecided.size())
              + " rule groups do not run: their states are not read yet"
              + (trouble.isEmpty() ? "" : ": " + trouble));
    }
    problem = String.join("; ", problems);
  }

  /**
   * Forgets what is not ours any more, and what is ours again: somebody else may have had it in
   * between.
   */
  private boolean letGo(Map<String, Ownership.Owned> groups) {
    Set<String> ours = new HashSet<>(Set.of(SelfWatch.GROUP));
    groups.forEach(
        (key, owned) -> {
          Long before = tenures.put(key, owned.tenure());
          if (before == null || before == owned.tenure()) {
            ours.add(key);
          }
        });
    tenures.keySet().retainAll(groups.keySet());
    definitions.keySet().retainAll(ours);
    selections.keySet().retainAll(ours);
    unusable.keySet().retainAll(ours);
    deletedChecked.retainAll(ours);
    undecided.retainAll(ours);
    dismissed.keySet().retainAll(ours);
    return runs.keySet().retainAll(ours);
  }

  private boolean delete(String key, Set<String> toCheck) {
    definitions.remove(key);
    selections.remove(key);
    unusable.remove(key);
    GroupRun run = runs.remove(key);
    if (run != null) {
      dismissed.put(key, run);
      deletedChecked.add(key);
    } else if (!deletedChecked.contains(key)) {
      toCheck.add(key);
    }
    return run != null;
  }

  private boolean define(String key, RuleGroupRecord definition, Map<String, Fresh> fresh) {
    LoadedGroup group;
    Selection selection;
    try {
      group = reader.read(definition);
      selection = group.selection(lookback);
    } catch (StackOverflowError e) {
      return refuse(key, definition, "nested too deep");
    } catch (RuntimeException e) {
      return refuse(key, definition, e.getMessage() == null ? e.toString() : e.getMessage());
    }
    unusable.remove(key);
    selections.put(key, selection);
    GroupRun back = dismissed.remove(key);
    if (back != null) {
      runs.put(key, back);
    }
    GroupRun run = runs.get(key);
    if (run == null) {
      fresh.put(key, new Fresh(Optional.of(definition), group));
      return false;
    }
    runs.put(key, run.redefined(group));
    definitions.put(key, definition);
    return true;
  }

  private boolean refuse(String key, RuleGroupRecord definition, String why) {
    log.warn("rule group {} is not usable, what ran under its name goes on: {}", key, why);
    unusable.put(key, AlertSize.cut(why, 500));
    definitions.put(key, definition);
    return false;
  }

  private boolean restore(Map<String, Fresh> fresh, Set<String> deleted) {
    Set<String> keys = new HashSet<>(fresh.keySet());
    keys.addAll(deleted);
    keys.addAll(undecided);
    waiting = false;
    if (keys.isEmpty()) {
      return false;
    }
    Map<String, List<AlertStateRecord>> byGroup = new HashMap<>();
    try {
      if (!undecided.isEmpty()) {
        settle.run();
      }
      Optional<List<AlertStateRecord>> read = states.load(keys, reading);
      if (read.isEmpty()) {
        waiting = true;
        return false;
      }
      read.get().stream()
          .filter(self::ours)
          .forEach(
              state ->
                  byGroup.computeIfAbsent(state.ruleGroup(), g -> new ArrayList<>()).add(state));
      trouble = "";
    } catch (RuntimeException e) {
      if (!e.toString().equals(trouble)) {
        log.warn("the states of {} rule groups cannot be read yet", keys.size(), e);
      }
      trouble = e.toString();
      waiting = true;
      return false;
    }
    fresh.forEach((key, one) -> run(key, one, byGroup.getOrDefault(key, List.of())));
    readBack(byGroup);
    deleted.forEach(key -> dismissStored(key, byGroup.getOrDefault(key, List.of())));
    return !fresh.isEmpty();
  }

  private void run(String key, Fresh fresh, List<AlertStateRecord> stored) {
    GroupRun restored = GroupRun.restored(fresh.group, settings, stored);
    runs.put(key, restored);
    takenOver.add(restored);
    fresh.definition.ifPresent(definition -> definitions.put(key, definition));
    if (!key.equals(SelfWatch.GROUP)) {
      log.info("evaluating rule group {}", key);
    }
  }

  private void readBack(Map<String, List<AlertStateRecord>> byGroup) {
    for (String key : undecided) {
      List<AlertStateRecord> stored = byGroup.getOrDefault(key, List.of());
      runs.computeIfPresent(key, (k, run) -> run.rebased(stored));
      dismissed.computeIfPresent(key, (k, run) -> run.rebased(stored));
      log.info("goes on with rule group {} as its states were published", key);
    }
    undecided.clear();
  }

  private void dismissStored(String key, List<AlertStateRecord> left) {
    deletedChecked.add(key);
    if (!left.isEmpty()) {
      LoadedGroup nothing =
          new LoadedGroup(key, key, "", Duration.ofSeconds(1), Duration.ZERO, 0, List.of());
      dismissed.put(key, GroupRun.restored(nothing, settings, left));
    }
  }
}
