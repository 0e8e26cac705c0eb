package dev.tocsin.promql.rules;

import dev.tocsin.promql.ast.Expr;
import java.util.Map;

/** A rule of a group. */
public sealed interface Rule permits RecordingRule, AlertingRule {
  /** Names it within its group: the name, numbered from the second rule of the same name on. */
  String id();

  /** The metric recorded or the alert raised. */
  String name();

  /** The query as written. */
  String query();

  Expr expr();

  /** Labels of the results, group labels included, by name. */
  Map<String, String> labels();

  /** The line the rule starts on, from 1. */
  int line();
}
