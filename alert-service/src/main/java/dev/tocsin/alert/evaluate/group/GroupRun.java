package dev.tocsin.alert.evaluate.group;

import dev.tocsin.alert.evaluate.group.AlertInstance.State;
import dev.tocsin.alert.ports.GaugeSample;
import dev.tocsin.alert.ports.Notice;
import dev.tocsin.alert.rules.LoadedGroup;
import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.AlertStateRecord;
import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.rules.AlertingRule;
import dev.tocsin.promql.rules.Rule;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.StaleMarker;
import dev.tocsin.promql.series.Value;
import dev.tocsin.promql.text.PromqlException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One owned rule group and the states of its alerts. Immutable: an evaluation yields the group as
 * it is afterwards, and what to publish; who evaluates goes on with it only once that is published.
 */
public final class GroupRun {
  private static final Logger log = LoggerFactory.getLogger(GroupRun.class);

  private final LoadedGroup group;
  private final EvaluationSettings settings;

  /** Instances by fingerprint, by rule id; the ids of rules that are gone included. */
  private final Map<String, Map<String, AlertInstance>> alerts;

  /** What each rule made at its last evaluation, by rule id; it is marked stale when it is gone. */
  private final Map<String, Set<Labels>> made;

  private final RuleView.Group view;

  /**
   * The group after an evaluation and what the evaluation wants published.
   *
   * @param trusted whether every alert that should fire now does: no rule failed, and none was kept
   *     from judging
   */
  public record Step(GroupRun next, Publication publication, boolean trusted) {}

  private GroupRun(
      LoadedGroup group,
      EvaluationSettings settings,
      Map<String, Map<String, AlertInstance>> alerts,
      Map<String, Set<Labels>> made,
      RuleView.Group view) {
    this.group = group;
    this.settings = settings;
    this.alerts = alerts;
    this.made = made;
    this.view = view;
  }

  /** A group that goes on where the stored states end. */
  public static GroupRun restored(
      LoadedGroup group, EvaluationSettings settings, List<AlertStateRecord> stored) {
    return new GroupRun(group, settings, Map.of(), Map.of(), untouched(group)).rebased(stored);
  }

  /** The same group where the stored states end, because what this one knows is not certain. */
  public GroupRun rebased(List<AlertStateRecord> stored) {
    Map<String, Map<String, AlertInstance>> states = new HashMap<>();
    Map<String, Set<Labels>> series = new HashMap<>();
    made.forEach((rule, labels) -> series.put(rule, new HashSet<>(labels)));
    for (AlertStateRecord state : stored) {
      AlertInstance instance;
      try {
        instance = AlertInstance.of(state);
      } catch (RuntimeException e) {
        log.warn("the alert state {} is left out: {}", state.key(), e.toString());
        continue;
      }
      states
          .computeIfAbsent(state.rule(), id -> new LinkedHashMap<>())
          .put(state.fingerprint(), instance);
      if (instance.state() != State.INACTIVE) {
        Set<Labels> ofRule = series.computeIfAbsent(state.rule(), id -> new HashSet<>());
        ofRule.add(RuleRun.alertSeries(instance));
        ofRule.add(RuleRun.forStateSeries(instance));
      }
    }
    return new GroupRun(group, settings, states, series, view);
  }

  /** The same alerts under another definition of the group. */
  public GroupRun redefined(LoadedGroup definition) {
    return new GroupRun(definition, settings, alerts, made, untouched(definition));
  }

  /** The clock was set by that much: what is measured by it goes on as if it had not been. */
  public GroupRun shifted(Duration jump) {
    return withAlerts(instance -> instance.shifted(jump));
  }

  private GroupRun withAlerts(UnaryOperator<AlertInstance> change) {
    Map<String, Map<String, AlertInstance>> changed = new HashMap<>();
    alerts.forEach(
        (rule, instances) -> {
          Map<String, AlertInstance> ofRule = new LinkedHashMap<>();
          instances.forEach((fingerprint, one) -> ofRule.put(fingerprint, change.apply(one)));
          changed.put(rule, ofRule);
        });
    return new GroupRun(group, settings, changed, made, view);
  }

  /** This group, but for what was not published: that is as it was before. */
  public GroupRun without(List<Notice> unpublished, GroupRun before) {
    if (unpublished.isEmpty()) {
      return this;
    }
    Map<String, Map<String, AlertInstance>> states = new HashMap<>(alerts);
    for (Notice notice : unpublished) {
      String fingerprint = notice.key().substring(notice.key().lastIndexOf('\u001f') + 1);
      Map<String, AlertInstance> ofRule =
          new LinkedHashMap<>(states.getOrDefault(notice.rule(), Map.of()));
      AlertInstance known = before.alerts.getOrDefault(notice.rule(), Map.of()).get(fingerprint);
      if (known == null) {
        ofRule.remove(fingerprint);
      } else {
        ofRule.put(fingerprint, known);
      }
      states.put(notice.rule(), ofRule);
    }
    return new GroupRun(group, settings, states, made, view);
  }

  private static RuleView.Group untouched(LoadedGroup group) {
    List<RuleView> rules =
        group.rules().stream().map(rule -> new RuleView(rule, "", null, 0, List.of())).toList();
    return new RuleView.Group(group, null, 0, rules);
  }

  public LoadedGroup group() {
    return group;
  }

  public RuleView.Group view() {
    return view;
  }

  /** Instances of all rules that are in a state. */
  public long count(State state) {
    return alerts.values().stream()
        .flatMap(instances -> instances.values().stream())
        .filter(instance -> instance.state() == state)
        .count();
  }

  /** When each of the alerts that fire was last said to. */
  public List<Instant> firingAt() {
    return alerts.values().stream()
        .flatMap(instances -> instances.values().stream())
        .filter(instance -> instance.state() == State.FIRING)
        .map(AlertInstance::lastSentAt)
        .flatMap(Stream::ofNullable)
        .toList();
  }

  /** Whether it knows of no alert and has made no series. */
  public boolean isEmpty() {
    return made.isEmpty() && alerts.values().stream().allMatch(Map::isEmpty);
  }

  /**
   * Evaluates the rules in order at one time; each sees what those before it made.
   *
   * @param queries where rules read from and what they make is put at once
   * @param judgements how far each rule's result is to be trusted
   */
  public Step evaluate(Instant at, Queries queries, Function<Rule, Judgement> judgements) {
    Publication publication = new Publication(group.key());
    RuleRun run = new RuleRun(group, settings, at, queries);
    AlertEvents events = new AlertEvents(group, settings);
    Instant asOf = group.asOf(at);
    Map<String, Map<String, AlertInstance>> nextAlerts = new HashMap<>();
    Map<String, Set<Labels>> nextMade = new HashMap<>();
    List<RuleView> views = new ArrayList<>();
    boolean trusted = true;
    long began = queries.nanoTime();
    for (Rule rule : group.rules()) {
      long ruleBegan = queries.nanoTime();
      queries.evaluating(rule);
      Map<String, AlertInstance> before = alerts.getOrDefault(rule.id(), Map.of());
      Set<Labels> madeBefore = made.getOrDefault(rule.id(), Set.of());
      Judgement judgement = judgements.apply(rule);
      RuleRun.Result result = run.evaluate(rule, before, judgement);
      List<GaugeSample> made = result.samples();
      if (made == null) {
        nextMade.put(rule.id(), madeBefore);
      } else {
        List<GaugeSample> samples = withEndings(made, madeBefore, asOf);
        queries.made(samples);
        publication.samples().addAll(samples);
        nextMade.put(rule.id(), labels(made));
      }
      if (rule instanceof AlertingRule alerting) {
        nextAlerts.put(rule.id(), result.alerts());
        AlertPolicy policy = run.policy(alerting);
        Map<String, AlertEvent> due = new HashMap<>();
        for (AlertInstance one : result.due()) {
          due.put(one.fingerprint(), events.event(alerting, one, at, at.plus(policy.validity())));
        }
        notices(publication, rule.id(), before, result.alerts(), due);
        trusted &= judgement.isFull() && result.error().isEmpty();
      }
      List<AlertInstance> active =
          result.alerts().values().stream().filter(a -> a.state() != State.INACTIVE).toList();
      String error = result.error().isEmpty() ? result.remark() : result.error();
      double ruleSeconds = seconds(queries.nanoTime() - ruleBegan);
      views.add(new RuleView(rule, error, at, ruleSeconds, active));
    }
    dismissRulesThatAreGone(publication, at);
    RuleView.Group nextView =
        new RuleView.Group(group, at, seconds(queries.nanoTime() - began), List.copyOf(views));
    GroupRun next = new GroupRun(group, settings, nextAlerts, nextMade, nextView);
    return new Step(next, publication, trusted);
  }

  /** When the group is deleted, its alerts are resolved and forgotten. */
  public Step dismissed(Instant at) {
    Publication publication = new Publication(group.key());
    dismiss(alerts, publication, at);
    end(made, publication, at);
    GroupRun nothing = new GroupRun(group, settings, Map.of(), Map.of(), view);
    return new Step(nothing, publication, false);
  }

  private static List<GaugeSample> withEndings(
      List<GaugeSample> samples, Set<Labels> madeBefore, Instant asOf) {
    Set<Labels> gone = new HashSet<>(madeBefore);
    gone.removeAll(labels(samples));
    List<GaugeSample> all = new ArrayList<>(samples);
    gone.forEach(
        series -> all.add(new GaugeSample(series, asOf.toEpochMilli(), StaleMarker.VALUE)));
    return all;
  }

  private static Set<Labels> labels(List<GaugeSample> samples) {
    Set<Labels> labels = new HashSet<>();
    samples.forEach(sample -> labels.add(sample.labels()));
    return labels;
  }

  private void notices(
      Publication publication,
      String ruleId,
      Map<String, AlertInstance> before,
      Map<String, AlertInstance> after,
      Map<String, AlertEvent> due) {
    after.forEach(
        (fingerprint, instance) -> {
          AlertInstance known = before.get(fingerprint);
          AlertEvent event = due.get(fingerprint);
          if (event != null || known == null || !known.sameLifecycle(instance)) {
            AlertStateRecord state = instance.record(group.key(), ruleId);
            publication.notices().add(new Notice(group.key(), ruleId, state.key(), event, state));
          }
        });
    before.forEach(
        (fingerprint, instance) -> {
          if (!after.containsKey(fingerprint)) {
            String key = instance.record(group.key(), ruleId).key();
            publication.notices().add(new Notice(group.key(), ruleId, key, null, null));
          }
        });
  }

  /** Their alerts and series would otherwise stand for ever. */
  private void dismissRulesThatAreGone(Publication publication, Instant at) {
    Map<String, Map<String, AlertInstance>> goneAlerts = new HashMap<>(alerts);
    Map<String, Set<Labels>> goneSeries = new HashMap<>(made);
    for (Rule rule : group.rules()) {
      goneSeries.remove(rule.id());
      if (rule instanceof AlertingRule) {
        goneAlerts.remove(rule.id());
      }
    }
    dismiss(goneAlerts, publication, at);
    end(goneSeries, publication, at);
  }

  private void dismiss(
      Map<String, Map<String, AlertInstance>> gone, Publication publication, Instant at) {
    AlertEvents events = new AlertEvents(group, settings);
    gone.forEach(
        (ruleId, instances) -> {
          for (AlertInstance instance : instances.values()) {
            boolean firing = instance.state() == State.FIRING;
            AlertEvent end = firing ? events.end(ruleId, instance.resolved(at), at) : null;
            String key = instance.record(group.key(), ruleId).key();
            publication.notices().add(new Notice(group.key(), ruleId, key, end, null));
          }
        });
  }

  private static void end(Map<String, Set<Labels>> gone, Publication publication, Instant at) {
    gone.values()
        .forEach(series -> publication.samples().addAll(withEndings(List.of(), series, at)));
  }

  private static double seconds(long nanos) {
    return nanos / 1e9;
  }

  /** Where rules read from. */
  public interface Queries {
    /**
     * The vector an expression yields; a scalar as one sample without labels.
     *
     * @throws PromqlException when it cannot be evaluated
     */
    List<Value.Sample> instant(Expr expr, Instant at);

    /**
     * As {@link #instant(Expr, Instant)}, for somebody who has no use for the answer any more once
     * that is so.
     */
    default List<Value.Sample> instant(Expr expr, Instant at, BooleanSupplier over) {
      return instant(expr, at);
    }

    /** Tells how long something takes. */
    default long nanoTime() {
      return System.nanoTime();
    }

    /** Takes what a rule made, for the rules after it. */
    void made(List<GaugeSample> samples);

    /** A rule is about to be evaluated. */
    default void evaluating(Rule rule) {}

    /** So many series of a recording rule are too large to be kept. */
    default void leftOut(int series) {}

    /** So many annotations are as they are written, because there was no time to expand them. */
    default void unexpanded(int annotations) {}
  }
}
