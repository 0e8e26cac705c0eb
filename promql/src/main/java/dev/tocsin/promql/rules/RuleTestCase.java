package dev.tocsin.promql.rules;

import dev.tocsin.promql.PromqlEngine;
import dev.tocsin.promql.PromqlParser;
import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.engine.EngineOptions;
import dev.tocsin.promql.engine.QueryContext;
import dev.tocsin.promql.parse.ParserOptions;
import dev.tocsin.promql.parse.SeriesNotation;
import dev.tocsin.promql.rules.RuleFileResult.Problem;
import dev.tocsin.promql.series.InMemorySeriesSource;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.StaleMarker;
import dev.tocsin.promql.series.Value;
import dev.tocsin.promql.template.TemplateExpander;
import dev.tocsin.promql.text.Numbers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** One test of a unit-test file: loads its series, evaluates all rules step by step, compares. */
final class RuleTestCase {
  private final Yaml.Table test;
  private final List<RuleGroup> groups;
  private final long intervalMs;
  private final boolean fuzzy;
  private final List<Problem> failures;
  private final YamlFields fields;
  private final InMemorySeriesSource source = new InMemorySeriesSource();
  private final PromqlEngine engine =
      new PromqlEngine(EngineOptions.defaults().withParser(ParserOptions.EXPERIMENTAL));
  private final Map<AlertingRule, AlertTracker> trackers = new HashMap<>();
  private final Map<Rule, Set<Labels>> written = new HashMap<>();
  private long nowMs;

  RuleTestCase(
      Yaml.Table test,
      List<RuleGroup> groups,
      long intervalMs,
      boolean fuzzy,
      List<Problem> failures) {
    this.test = test;
    this.groups = groups;
    this.intervalMs = intervalMs;
    this.fuzzy = fuzzy;
    this.failures = failures;
    this.fields = new YamlFields(failures);
  }

  void run() {
    load();
    Map<String, String> externalLabels = fields.strings(test, "external_labels");
    String externalUrl = fields.text(test, "external_url");
    TemplateExpander expander =
        TemplateExpander.withQueries(query -> vector(PromqlParser.parse(query), nowMs));
    for (RuleGroup group : groups) {
      for (Rule rule : group.rules()) {
        if (rule instanceof AlertingRule alerting) {
          trackers.put(alerting, new AlertTracker(alerting, externalLabels, externalUrl, expander));
        }
      }
    }
    TreeMap<Long, List<Yaml.Table>> checks = new TreeMap<>();
    for (Yaml check : RuleTestFile.items(test, "alert_rule_test")) {
      if (check instanceof Yaml.Table table) {
        checks.computeIfAbsent(time(table), k -> new ArrayList<>()).add(table);
      }
    }
    evaluateThrough(checks);
    for (Yaml check : RuleTestFile.items(test, "promql_expr_test")) {
      if (check instanceof Yaml.Table table) {
        checkExpression(table);
      }
    }
  }

  private long time(Yaml.Table check) {
    return Objects.requireNonNullElse(fields.duration(check, "eval_time"), Duration.ZERO)
        .toMillis();
  }

  private void load() {
    long step =
        Objects.requireNonNullElse(fields.duration(test, "interval"), Duration.ofMinutes(1))
            .toMillis();
    for (Yaml item : RuleTestFile.items(test, "input_series")) {
      if (!(item instanceof Yaml.Table series)) {
        continue;
      }
      Labels labels = PromqlParser.parseSeries(fields.text(series, "series"));
      long time = 0;
      for (SeriesNotation.Point point : SeriesNotation.points(fields.text(series, "values"))) {
        if (point.histogram() != null) {
          source.append(labels, time, point.histogram());
        } else if (!point.omitted()) {
          source.append(labels, time, point.value());
        }
        time += step;
      }
    }
  }

  private void evaluateThrough(NavigableMap<Long, List<Yaml.Table>> checks) {
    long last = checks.isEmpty() ? 0 : checks.lastKey();
    for (Yaml check : RuleTestFile.items(test, "promql_expr_test")) {
      last = check instanceof Yaml.Table table ? Math.max(last, time(table)) : last;
    }
    for (long time = 0; time <= last; time += intervalMs) {
      nowMs = time;
      evaluateRules(time);
      for (List<Yaml.Table> due : checks.subMap(time, time + intervalMs).values()) {
        due.forEach(this::checkAlerts);
      }
    }
  }

  private void evaluateRules(long time) {
    for (RuleGroup group : groups) {
      for (Rule rule : group.rules()) {
        List<Value.Sample> samples = vector(rule.expr(), time);
        Set<Labels> now = new HashSet<>();
        if (rule instanceof AlertingRule alerting) {
          AlertTracker tracker = Objects.requireNonNull(trackers.get(alerting));
          tracker.update(samples, time);
          tracker.series().forEach(labels -> record(labels, time, 1, now));
        } else {
          for (Value.Sample sample : samples) {
            recordSample(rule, sample, time, now);
          }
        }
        for (Labels before : written.getOrDefault(rule, Set.of())) {
          if (!now.contains(before)) {
            source.append(before, time, StaleMarker.VALUE);
          }
        }
        written.put(rule, now);
      }
    }
  }

  private void recordSample(Rule rule, Value.Sample sample, long time, Set<Labels> now) {
    Labels labels =
        sample.labels().toBuilder()
            .putAll(rule.labels())
            .put(Labels.METRIC_NAME, rule.name())
            .build();
    if (sample.histogram() != null) {
      source.append(labels, time, sample.histogram());
      now.add(labels);
    } else {
      record(labels, time, sample.value(), now);
    }
  }

  private void record(Labels labels, long time, double value, Set<Labels> now) {
    source.append(labels, time, value);
    now.add(labels);
  }

  private List<Value.Sample> vector(Expr expr, long time) {
    Value value = engine.instant(source, expr, time, QueryContext.create()).value();
    if (value instanceof Value.InstantVector vector) {
      return vector.samples();
    } else if (value instanceof Value.Scalar scalar) {
      return List.of(new Value.Sample(Labels.empty(), time, scalar.value(), null));
    }
    return List.of();
  }

  private void checkAlerts(Yaml.Table check) {
    String name = fields.text(check, "alertname");
    List<String> expected = new ArrayList<>();
    for (Yaml item : RuleTestFile.items(check, "exp_alerts")) {
      if (item instanceof Yaml.Table alert) {
        Labels labels = Labels.of(fields.strings(alert, "exp_labels")).with("alertname", name);
        expected.add(labels + " " + new TreeMap<>(fields.strings(alert, "exp_annotations")));
      }
    }
    List<String> actual = new ArrayList<>();
    trackers.forEach(
        (rule, tracker) -> {
          if (rule.name().equals(name)) {
            tracker
                .firing()
                .forEach(alert -> actual.add(alert.labels() + " " + alert.annotations()));
          }
        });
    compare(
        check,
        "alertname: " + name + ", time: " + fields.text(check, "eval_time"),
        expected,
        actual);
  }

  private void checkExpression(Yaml.Table check) {
    String query = fields.text(check, "expr");
    List<Value.Sample> samples = vector(PromqlParser.parse(query), time(check));
    List<String> actual = new ArrayList<>();
    samples.forEach(
        sample ->
            actual.add(
                sample.labels()
                    + " "
                    + (sample.histogram() == null ? print(sample.value()) : sample.histogram())));
    List<String> expected = new ArrayList<>();
    for (Yaml item : RuleTestFile.items(check, "exp_samples")) {
      if (item instanceof Yaml.Table sample) {
        expected.add(expectedSample(sample));
      }
    }
    compare(
        check, "expr: " + query + ", time: " + fields.text(check, "eval_time"), expected, actual);
  }

  private String expectedSample(Yaml.Table sample) {
    Labels labels = PromqlParser.parseSeries(fields.text(sample, "labels"));
    String histogram = fields.text(sample, "histogram");
    if (!histogram.isEmpty()) {
      return labels + " " + SeriesNotation.points(histogram).get(0).histogram();
    }
    return labels
        + " "
        + print(
            Objects.requireNonNullElse(Numbers.parse(fields.text(sample, "value")), Double.NaN));
  }

  /** Fuzzy comparison looks at seven digits only. */
  private String print(double value) {
    return fuzzy && !Double.isNaN(value) && !Double.isInfinite(value)
        ? Numbers.print(Double.parseDouble(String.format(java.util.Locale.ROOT, "%.7g", value)))
        : Numbers.print(value);
  }

  private void compare(Yaml.Table check, String what, List<String> expected, List<String> actual) {
    expected.sort(null);
    actual.sort(null);
    if (!expected.equals(actual)) {
      failures.add(
          new Problem(check.line(), what + "\n    exp: " + expected + "\n    got: " + actual));
    }
  }
}
