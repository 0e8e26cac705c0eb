package dev.tocsin.promql.rules;

import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.Value;
import dev.tocsin.promql.template.TemplateData;
import dev.tocsin.promql.template.TemplateExpander;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The alerts of one alerting rule while a unit test runs: pending, firing, or kept firing. */
final class AlertTracker {
  /** An alert that fires. */
  record Firing(Labels labels, Map<String, String> annotations) {}

  private static final class Alert {
    final long activeAtMs;
    boolean firing;
    long keepSinceMs = -1;
    double value;
    Labels sample;

    Alert(long activeAtMs, double value, Labels sample) {
      this.activeAtMs = activeAtMs;
      this.value = value;
      this.sample = sample;
    }
  }

  private final AlertingRule rule;
  private final Map<String, String> externalLabels;
  private final String externalUrl;
  private final TemplateExpander expander;
  private final TreeMap<Labels, Alert> alerts = new TreeMap<>();
  private long nowMs;

  AlertTracker(
      AlertingRule rule,
      Map<String, String> externalLabels,
      String externalUrl,
      TemplateExpander expander) {
    this.rule = rule;
    this.externalLabels = externalLabels;
    this.externalUrl = externalUrl;
    this.expander = expander;
  }

  /** Takes in the result of the rule's query at a time. */
  void update(List<Value.Sample> samples, long timeMs) {
    nowMs = timeMs;
    Set<Labels> seen = new HashSet<>();
    for (Value.Sample sample : samples) {
      Labels labels = identity(sample);
      if (!seen.add(labels)) {
        throw dev.tocsin.promql.text.PromqlException.execution(
            "vector contains metrics with the same labelset after applying alert labels");
      }
      Alert alert =
          alerts.computeIfAbsent(labels, k -> new Alert(timeMs, sample.value(), sample.labels()));
      alert.value = sample.value();
      alert.sample = sample.labels();
      alert.keepSinceMs = -1;
      alert.firing |= timeMs - alert.activeAtMs >= rule.forDuration().toMillis();
    }
    alerts.entrySet().removeIf(entry -> !seen.contains(entry.getKey()) && gone(entry.getValue()));
  }

  private boolean gone(Alert alert) {
    long keep = rule.keepFiringFor().toMillis();
    if (!alert.firing || keep == 0) {
      return true;
    }
    alert.keepSinceMs = alert.keepSinceMs < 0 ? nowMs : alert.keepSinceMs;
    return nowMs - alert.keepSinceMs >= keep;
  }

  private Labels identity(Value.Sample sample) {
    TemplateData data = data(sample.labels(), sample.value());
    Labels.Builder labels = sample.labels().withoutName().toBuilder();
    new TreeMap<>(rule.labels())
        .forEach(
            (name, text) ->
                labels.put(name, expander.expand("__alert_" + rule.name(), text, data)));
    return labels.put("alertname", rule.name()).build();
  }

  private TemplateData data(Labels labels, double value) {
    return new TemplateData(labels.asMap(), value, externalLabels, externalUrl, nowMs);
  }

  List<Firing> firing() {
    List<Firing> firing = new ArrayList<>();
    alerts.forEach(
        (labels, alert) -> {
          if (alert.firing) {
            TemplateData data = data(alert.sample, alert.value);
            Map<String, String> annotations = new TreeMap<>();
            rule.annotations()
                .forEach(
                    (name, text) ->
                        annotations.put(
                            name, expander.expand("__alert_" + rule.name(), text, data)));
            firing.add(new Firing(labels, annotations));
          }
        });
    return firing;
  }

  /** The ALERTS series of this rule and what they are worth now. */
  List<Labels> series() {
    List<Labels> series = new ArrayList<>();
    alerts.forEach(
        (labels, alert) ->
            series.add(
                labels
                    .with(Labels.METRIC_NAME, "ALERTS")
                    .with("alertstate", alert.firing ? "firing" : "pending")));
    return series;
  }
}
