package dev.tocsin.promql.rules;

import dev.tocsin.promql.ast.Expr;
import java.time.Duration;
import java.util.Map;

/**
 * A rule that raises an alert for each series of its query's result.
 *
 * @param forDuration how long a series must stay before its alert fires
 * @param keepFiringFor how long an alert fires on after its series is gone
 * @param labels templates
 * @param annotations templates
 */
public record AlertingRule(
    String id,
    String name,
    String query,
    Expr expr,
    Duration forDuration,
    Duration keepFiringFor,
    Map<String, String> labels,
    Map<String, String> annotations,
    int line)
    implements Rule {
  public AlertingRule {
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
  }
}
