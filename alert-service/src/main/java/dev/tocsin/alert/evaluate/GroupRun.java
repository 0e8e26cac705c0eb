package dev.tocsin.alert.evaluate;

import dev.tocsin.alert.evaluate.AlertInstance.State;
import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.AlertStateRecord;
import dev.tocsin.promql.Labels;
import dev.tocsin.promql.PromqlException;
import dev.tocsin.promql.PromqlParser;
import dev.tocsin.promql.StaleMarker;
import dev.tocsin.promql.Value;
import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.template.TemplateData;
import dev.tocsin.promql.template.TemplateExpander;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * One owned rule group and the states of its alerts. Immutable: an evaluation yields the group as
 * it is afterwards, and what to publish; who evaluates goes on with it only once that is published.
 */
final class GroupRun {
  private final RuleGroup group;
  private final EvaluationSettings settings;

  /** Instances by fingerprint, by rule id; the ids of rules that are gone included. */
  private final Map<String, Map<String, AlertInstance>> alerts;

  /** What each rule made at its last evaluation, by rule id; it is marked stale when it is gone. */
  private final Map<String, Set<Labels>> made;

  private final RuleView.Group view;

  /** The group after an evaluation and what the evaluation wants published. */
  record Step(GroupRun next, Publication publication) {}

  private GroupRun(
      RuleGroup group,
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
  static GroupRun restored(
      RuleGroup group, EvaluationSettings settings, List<AlertStateRecord> stored) {
    Map<String, Map<String, AlertInstance>> alerts = new HashMap<>();
    Map<String, Set<Labels>> made = new HashMap<>();
    for (AlertStateRecord state : stored) {
      AlertInstance instance = AlertInstance.of(state);
      alerts
          .computeIfAbsent(state.rule(), id -> new LinkedHashMap<>())
          .put(state.fingerprint(), instance);
      if (instance.state() != State.INACTIVE) {
        Set<Labels> series = made.computeIfAbsent(state.rule(), id -> new HashSet<>());
        series.add(alertSeries(instance));
        series.add(forStateSeries(instance));
      }
    }
    return new GroupRun(group, settings, alerts, made, untouched(group));
  }

  /** The same alerts under another definition of the group. */
  GroupRun redefined(RuleGroup definition) {
    return new GroupRun(definition, settings, alerts, made, untouched(definition));
  }

  private static RuleView.Group untouched(RuleGroup group) {
    List<RuleView> rules =
        group.rules().stream().map(rule -> new RuleView(rule, "", null, 0, List.of())).toList();
    return new RuleView.Group(group, null, 0, rules);
  }

  RuleGroup group() {
    return group;
  }

  RuleView.Group view() {
    return view;
  }

  /** Instances of all rules that are in a state. */
  long count(State state) {
    return alerts.values().stream()
        .flatMap(instances -> instances.values().stream())
        .filter(instance -> instance.state() == state)
        .count();
  }

  /**
   * Evaluates the rules in order at one time; each sees what those before it made.
   *
   * @param queries where rules read from and what they make is put at once
   */
  Step evaluate(Instant at, Queries queries) {
    Instant asOf = at.minus(group.queryOffset());
    Publication publication = new Publication();
    Map<String, Map<String, AlertInstance>> nextAlerts = new HashMap<>();
    Map<String, Set<Labels>> nextMade = new HashMap<>();
    List<RuleView> views = new ArrayList<>();
    long began = System.nanoTime();
    for (Rule rule : group.rules()) {
      long ruleBegan = System.nanoTime();
      Map<String, AlertInstance> before = alerts.getOrDefault(rule.id(), Map.of());
      Set<Labels> madeBefore = made.getOrDefault(rule.id(), Set.of());
      Evaluated evaluated = evaluate(rule, before, at, asOf, queries);
      if (evaluated.error.isEmpty()) {
        List<GaugeSample> samples = withEndings(evaluated.samples, madeBefore, asOf);
        queries.made(samples);
        publication.samples().addAll(samples);
        nextMade.put(rule.id(), labels(evaluated.samples));
      } else {
        nextMade.put(rule.id(), madeBefore);
      }
      if (rule instanceof Rule.Alerting alerting) {
        nextAlerts.put(rule.id(), evaluated.alerts);
        publishStates(publication, rule.id(), before, evaluated.alerts);
        evaluated.due.forEach(due -> publication.events().add(event(alerting, due, at)));
      }
      List<AlertInstance> active =
          evaluated.alerts.values().stream().filter(a -> a.state() != State.INACTIVE).toList();
      views.add(new RuleView(rule, evaluated.error, at, seconds(ruleBegan), active));
    }
    dismissExcept(group.rules().stream().map(Rule::id).toList(), publication, at);
    RuleView.Group nextView = new RuleView.Group(group, at, seconds(began), List.copyOf(views));
    return new Step(new GroupRun(group, settings, nextAlerts, nextMade, nextView), publication);
  }

  /** What is to be said when the group is deleted: its alerts are resolved and forgotten. */
  Publication dismissed(Instant at) {
    Publication publication = new Publication();
    dismissExcept(List.of(), publication, at);
    return publication;
  }

  private record Evaluated(
      List<GaugeSample> samples,
      Map<String, AlertInstance> alerts,
      List<AlertInstance> due,
      String error) {}

  private Evaluated evaluate(
      Rule rule, Map<String, AlertInstance> before, Instant at, Instant asOf, Queries queries) {
    try {
      List<Value.Sample> result = queries.instant(rule.expr(), asOf);
      return rule instanceof Rule.Alerting alerting
          ? alert(alerting, before, result, at, queries)
          : record(rule, result, asOf);
    } catch (PromqlException e) {
      return new Evaluated(List.of(), before, List.of(), String.valueOf(e.getMessage()));
    }
  }

  private Evaluated record(Rule rule, List<Value.Sample> result, Instant asOf) {
    if (group.limit() > 0 && result.size() > group.limit()) {
      return failed("exceeded limit of " + group.limit() + " with " + result.size() + " series");
    }
    List<GaugeSample> samples = new ArrayList<>();
    Set<Labels> seen = new HashSet<>();
    for (Value.Sample sample : result) {
      Labels.Builder labels = sample.labels().toBuilder().put(Labels.METRIC_NAME, rule.name());
      rule.labels().forEach(labels::put);
      Labels series = labels.build();
      if (!seen.add(series)) {
        return failed(
            "vector contains metrics with the same labelset after applying rule labels: " + series);
      }
      samples.add(new GaugeSample(series, asOf.toEpochMilli(), sample.value()));
    }
    return new Evaluated(samples, Map.of(), List.of(), "");
  }

  private static Evaluated failed(String error) {
    return new Evaluated(List.of(), Map.of(), List.of(), error);
  }

  private Evaluated alert(
      Rule.Alerting rule,
      Map<String, AlertInstance> before,
      List<Value.Sample> result,
      Instant at,
      Queries queries) {
    Instant asOf = at.minus(group.queryOffset());
    TemplateExpander templates =
        TemplateExpander.withQueries(query -> queries.instant(PromqlParser.parse(query), asOf));
    List<Candidate> candidates = new ArrayList<>();
    for (Value.Sample sample : result) {
      TemplateData data =
          new TemplateData(
              sample.labels().asMap(),
              sample.value(),
              Map.of(),
              settings.externalUrl(),
              asOf.toEpochMilli());
      candidates.add(candidate(rule, sample, text -> templates.expand(rule.name(), text, data)));
    }
    AlertStates.Outcome outcome = AlertStates.step(policy(rule), before, candidates, at);
    List<GaugeSample> samples = new ArrayList<>();
    for (AlertInstance instance : outcome.states().values()) {
      if (instance.state() != State.INACTIVE) {
        samples.add(new GaugeSample(alertSeries(instance), asOf.toEpochMilli(), 1));
        double activeAt = instance.activeAt().getEpochSecond();
        samples.add(new GaugeSample(forStateSeries(instance), asOf.toEpochMilli(), activeAt));
      }
    }
    return new Evaluated(samples, outcome.states(), outcome.due(), outcome.error());
  }

  private AlertPolicy policy(Rule.Alerting rule) {
    return new AlertPolicy(
        rule.holdFor(),
        rule.keepFiringFor(),
        group.limit(),
        group.interval(),
        settings.resendInterval(),
        settings.resolvedRetention());
  }

  private static Candidate candidate(
      Rule.Alerting rule, Value.Sample sample, UnaryOperator<String> expand) {
    Labels.Builder labels = sample.labels().withoutName().toBuilder();
    rule.labels().forEach((name, text) -> labels.put(name, expand.apply(text)));
    labels.put("alertname", rule.name());
    Map<String, String> annotations = new LinkedHashMap<>();
    rule.annotations().forEach((name, text) -> annotations.put(name, expand.apply(text)));
    return new Candidate(labels.build(), annotations, sample.value());
  }

  private static Labels alertSeries(AlertInstance instance) {
    return instance.labels().toBuilder()
        .put(Labels.METRIC_NAME, "ALERTS")
        .put("alertstate", instance.state().text())
        .build();
  }

  private static Labels forStateSeries(AlertInstance instance) {
    return instance.labels().with(Labels.METRIC_NAME, "ALERTS_FOR_STATE");
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

  private void publishStates(
      Publication publication,
      String ruleId,
      Map<String, AlertInstance> before,
      Map<String, AlertInstance> after) {
    after.forEach(
        (fingerprint, instance) -> {
          AlertInstance known = before.get(fingerprint);
          if (known == null || !known.sameLifecycle(instance)) {
            publication.states().add(instance.record(group.key(), ruleId));
          }
        });
    before.forEach(
        (fingerprint, instance) -> {
          if (!after.containsKey(fingerprint)) {
            publication.forgottenStates().add(instance.record(group.key(), ruleId).key());
          }
        });
  }

  /** Alerts and series of rules that are no longer there would otherwise stand for ever. */
  private void dismissExcept(List<String> ruleIds, Publication publication, Instant at) {
    alerts.forEach(
        (ruleId, instances) -> {
          if (ruleIds.contains(ruleId)) {
            return;
          }
          for (AlertInstance instance : instances.values()) {
            if (instance.state() == State.FIRING) {
              publication.events().add(event(plainName(ruleId), "", instance.resolved(at), at, at));
            }
            publication.forgottenStates().add(instance.record(group.key(), ruleId).key());
          }
        });
    made.forEach(
        (ruleId, series) -> {
          if (!ruleIds.contains(ruleId)) {
            publication.samples().addAll(withEndings(List.of(), series, at));
          }
        });
  }

  private static String plainName(String ruleId) {
    int number = ruleId.lastIndexOf('#');
    return number < 0 ? ruleId : ruleId.substring(0, number);
  }

  private AlertEvent event(Rule.Alerting rule, AlertInstance instance, Instant at) {
    return event(rule.name(), rule.query(), instance, at, at.plus(policy(rule).validity()));
  }

  private AlertEvent event(
      String rule, String query, AlertInstance instance, Instant at, Instant validUntil) {
    Instant resolvedAt = instance.resolvedAt();
    Instant firedAt = instance.firedAt();
    return new AlertEvent(
        resolvedAt == null ? AlertEvent.Status.FIRING : AlertEvent.Status.RESOLVED,
        instance.labels().asMap(),
        instance.annotations(),
        firedAt == null ? instance.activeAt() : firedAt,
        resolvedAt == null ? validUntil : resolvedAt,
        at,
        generatorUrl(query),
        instance.fingerprint(),
        group.key(),
        rule,
        PrometheusText.number(instance.value()));
  }

  private String generatorUrl(String query) {
    return query.isEmpty()
        ? settings.externalUrl()
        : settings.externalUrl()
            + "/graph?g0.expr="
            + URLEncoder.encode(query, StandardCharsets.UTF_8)
            + "&g0.tab=1";
  }

  private static double seconds(long beganNanos) {
    return (System.nanoTime() - beganNanos) / 1e9;
  }

  /** Where rules read from. */
  interface Queries {
    /**
     * The vector an expression yields; a scalar as one sample without labels.
     *
     * @throws PromqlException when it cannot be evaluated
     */
    List<Value.Sample> instant(Expr expr, Instant at);

    /** Takes what a rule made, for the rules after it. */
    void made(List<GaugeSample> samples);
  }
}
