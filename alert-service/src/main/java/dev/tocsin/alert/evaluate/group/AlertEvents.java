package dev.tocsin.alert.evaluate.group;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.alert.rules.LoadedGroup;
import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.promql.rules.AlertingRule;
import java.net.URLEncoder;
import java.time.Instant;

/** Writes statements about the alerts of a rule group. */
final class AlertEvents {
  /** A longer query is not put into a link; few programs would follow it. */
  private static final int QUERY_CHARACTERS_MAX = 4_000;

  private final LoadedGroup group;
  private final EvaluationSettings settings;

  AlertEvents(LoadedGroup group, EvaluationSettings settings) {
    this.group = group;
    this.settings = settings;
  }

  AlertEvent event(AlertingRule rule, AlertInstance instance, Instant at, Instant validUntil) {
    return event(rule.name(), rule.query(), instance, at, validUntil);
  }

  /** The end of an alert whose rule is gone. */
  AlertEvent end(String ruleId, AlertInstance resolved, Instant at) {
    int number = ruleId.lastIndexOf('#');
    return event(number < 0 ? ruleId : ruleId.substring(0, number), "", resolved, at, at);
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
    return query.isEmpty() || query.length() > QUERY_CHARACTERS_MAX
        ? settings.externalUrl()
        : settings.externalUrl()
            + "/graph?g0.expr="
            + URLEncoder.encode(query, UTF_8)
            + "&g0.tab=1";
  }
}
