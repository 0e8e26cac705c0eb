package dev.tocsin.alert.evaluate.group;

import dev.tocsin.alert.evaluate.group.AlertInstance.State;
import dev.tocsin.alert.ports.GaugeSample;
import dev.tocsin.alert.rules.LoadedGroup;
import dev.tocsin.promql.rules.AlertingRule;
import dev.tocsin.promql.rules.Rule;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.Value;
import dev.tocsin.promql.template.TemplateData;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates the rules of a group at one time. Whatever goes wrong with a rule is that rule's error,
 * and its alerts stay as they were.
 */
final class RuleRun {
  private final LoadedGroup group;
  private final EvaluationSettings settings;
  private final Instant at;
  private final Instant asOf;
  private final GroupRun.Queries queries;
  private final RuleTexts texts;

  /**
   * What came of a rule.
   *
   * @param samples of the series it makes; null when it made none this time, so that those it made
   *     before just stand
   * @param alerts states by fingerprint
   * @param due the instances an event is to be published about
   * @param error empty when all is well
   * @param remark what is not as it should be although every alert that should fire does; empty
   *     when there is nothing
   */
  record Result(
      @Nullable List<GaugeSample> samples,
      Map<String, AlertInstance> alerts,
      List<AlertInstance> due,
      String error,
      String remark) {}

  RuleRun(LoadedGroup group, EvaluationSettings settings, Instant at, GroupRun.Queries queries) {
    this.group = group;
    this.settings = settings;
    this.at = at;
    this.asOf = group.asOf(at);
    this.queries = queries;
    this.texts = new RuleTexts(queries, asOf);
  }

  /**
   * @param before states by fingerprint
   */
  Result evaluate(Rule rule, Map<String, AlertInstance> before, Judgement judgement) {
    if (!judgement.mayBegin()) {
      return kept(rule, before, "not judged: " + judgement.reason());
    }
    try {
      List<Value.Sample> result = queries.instant(rule.expr(), asOf);
      return rule instanceof AlertingRule alerting
          ? alert(alerting, before, result, judgement.mayEnd())
          : record(rule, result);
    } catch (StackOverflowError e) {
      return kept(rule, before, "nested too deep to be evaluated");
    } catch (RuntimeException e) {
      return kept(rule, before, e.getMessage() == null ? e.toString() : e.getMessage());
    }
  }

  private Result kept(Rule rule, Map<String, AlertInstance> before, String error) {
    return rule instanceof AlertingRule alerting
        ? result(AlertStates.repeated(policy(alerting), before, at, error))
        : failed(error);
  }

  private static Result failed(String error) {
    return new Result(null, Map.of(), List.of(), error, "");
  }

  private Result record(Rule rule, List<Value.Sample> result) {
    if (group.limit() > 0 && result.size() > group.limit()) {
      return failed("exceeded limit of " + group.limit() + " with " + result.size() + " series");
    }
    List<GaugeSample> samples = new ArrayList<>();
    Set<Labels> seen = new HashSet<>();
    List<Labels> tooLarge = new ArrayList<>();
    for (Value.Sample sample : result) {
      Labels.Builder labels = sample.labels().toBuilder().put(Labels.METRIC_NAME, rule.name());
      rule.labels().forEach(labels::put);
      Labels series = labels.build();
      if (!seen.add(series)) {
        return failed(
            "vector contains metrics with the same labelset after applying rule labels: "
                + AlertSize.cut(series.toString(), 1_000));
      }
      if (AlertSize.bytes(series) > AlertSize.SERIES_BYTES_MAX) {
        tooLarge.add(series);
      } else {
        samples.add(new GaugeSample(series, asOf.toEpochMilli(), sample.value()));
      }
    }
    queries.leftOut(tooLarge.size());
    return new Result(samples, Map.of(), List.of(), leftOut(tooLarge, result.size()), "");
  }

  private static String leftOut(List<Labels> tooLarge, int all) {
    return tooLarge.isEmpty()
        ? ""
        : "%d of %d series are left out, because their labels are larger than %d bytes: %s"
            .formatted(
                tooLarge.size(),
                all,
                AlertSize.SERIES_BYTES_MAX,
                AlertSize.cut(tooLarge.get(0).toString(), 300));
  }

  private Result alert(
      AlertingRule rule,
      Map<String, AlertInstance> before,
      List<Value.Sample> result,
      boolean mayEnd) {
    List<Candidate> candidates = new ArrayList<>();
    String templateError = "";
    KnownAlerts known = new KnownAlerts(before);
    texts.begin();
    for (Value.Sample sample : result) {
      TemplateData data =
          new TemplateData(
              sample.labels().asMap(),
              sample.value(),
              Map.of(),
              settings.externalUrl(),
              asOf.toEpochMilli());
      Map<String, String> failed = new LinkedHashMap<>();
      Labels labels = texts.labels(rule, sample, data, failed);
      Map<String, String> annotations = texts.annotations(rule, data);
      for (Labels identity : known.identities(labels, failed.keySet())) {
        candidates.add(new Candidate(identity, annotations, sample.value()));
      }
      if (!failed.isEmpty()) {
        templateError = "label " + failed;
      }
    }
    String remark = texts.end();
    AlertStates.Outcome outcome = AlertStates.step(policy(rule), before, candidates, at, mayEnd);
    Result stepped = result(outcome);
    String error = stepped.error().isEmpty() ? templateError : stepped.error();
    return new Result(stepped.samples(), stepped.alerts(), stepped.due(), error, remark);
  }

  private Result result(AlertStates.Outcome outcome) {
    List<GaugeSample> samples = new ArrayList<>();
    for (AlertInstance instance : outcome.states().values()) {
      if (instance.state() != State.INACTIVE) {
        samples.add(new GaugeSample(alertSeries(instance), asOf.toEpochMilli(), 1));
        double activeAt = instance.activeAt().getEpochSecond();
        samples.add(new GaugeSample(forStateSeries(instance), asOf.toEpochMilli(), activeAt));
      }
    }
    return new Result(samples, outcome.states(), outcome.due(), outcome.error(), "");
  }

  AlertPolicy policy(AlertingRule rule) {
    return new AlertPolicy(
        rule.forDuration(),
        rule.keepFiringFor(),
        group.limit(),
        group.interval(),
        settings.resendInterval(),
        settings.resolvedRetention());
  }

  static Labels alertSeries(AlertInstance instance) {
    return instance.labels().toBuilder()
        .put(Labels.METRIC_NAME, "ALERTS")
        .put("alertstate", instance.state().text())
        .build();
  }

  static Labels forStateSeries(AlertInstance instance) {
    return instance.labels().with(Labels.METRIC_NAME, "ALERTS_FOR_STATE");
  }
}
