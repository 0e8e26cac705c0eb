package dev.tocsin.alert.rules;

import dev.tocsin.promql.ast.Expr;
import java.time.Duration;
import java.util.Map;

/** A rule ready to run. */
public sealed interface Rule {
  /** The metric it records, or the alert's name. */
  String name();

  /** Names it within its group: the name, numbered from the second rule of the same name on. */
  String id();

  /** The expression as written. */
  String query();

  Expr expr();

  Map<String, String> labels();

  /** Stores the value of an expression as a series of its own. */
  record Recording(String id, String name, String query, Expr expr, Map<String, String> labels)
      implements Rule {}

  /**
   * Raises an alert for each sample of an expression.
   *
   * @param labels and {@code annotations} are templates
   */
  record Alerting(
      String id,
      String name,
      String query,
      Expr expr,
      Duration holdFor,
      Duration keepFiringFor,
      Map<String, String> labels,
      Map<String, String> annotations)
      implements Rule {}
}
