package dev.tocsin.promql.rules;

import dev.tocsin.promql.ast.Expr;
import java.util.Map;

/** A rule that stores the result of its query as a new metric. */
public record RecordingRule(
    String id, String name, String query, Expr expr, Map<String, String> labels, int line)
    implements Rule {
  public RecordingRule {
    labels = Map.copyOf(labels);
  }
}
