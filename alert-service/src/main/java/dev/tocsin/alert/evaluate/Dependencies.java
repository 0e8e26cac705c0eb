package dev.tocsin.alert.evaluate;

import dev.tocsin.alert.rules.LoadedGroup;
import dev.tocsin.promql.SelectorAnalysis;
import dev.tocsin.promql.ast.BinaryExpr;
import dev.tocsin.promql.ast.Call;
import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.rules.RecordingRule;
import dev.tocsin.promql.rules.Rule;
import dev.tocsin.promql.series.LabelMatcher;
import dev.tocsin.promql.series.Labels;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which metrics each rule reads, by itself and through what other rules record. */
final class Dependencies {
  private final Map<String, Reads> byRule;

  /**
   * What a rule reads.
   *
   * @param anything whether it may be any metric, because a selector names none
   * @param absence whether it finds something when there is nothing, by {@code absent} or {@code
   *     absent_over_time}
   */
  record Reads(Set<String> metrics, boolean anything, boolean absence) {
    static final Reads ANYTHING = new Reads(Set.of(), true, false);

    static Reads anything(boolean absence) {
      return new Reads(Set.of(), true, absence);
    }
  }

  private Dependencies(Map<String, Reads> byRule) {
    this.byRule = byRule;
  }

  static Dependencies of(Collection<LoadedGroup> groups) {
    Map<String, Reads> direct = new HashMap<>();
    Map<String, List<String>> recorders = new HashMap<>();
    for (LoadedGroup group : groups) {
      for (Rule rule : group.rules()) {
        String key = key(group, rule);
        direct.put(key, direct(rule));
        if (rule instanceof RecordingRule) {
          recorders.computeIfAbsent(rule.name(), name -> new ArrayList<>()).add(key);
        }
      }
    }
    Map<String, Reads> all = new HashMap<>();
    direct.keySet().forEach(rule -> all.put(rule, through(rule, direct, recorders)));
    return new Dependencies(all);
  }

  Reads of(LoadedGroup group, Rule rule) {
    return byRule.getOrDefault(key(group, rule), Reads.ANYTHING);
  }

  private static String key(LoadedGroup group, Rule rule) {
    return group.key() + '\u001f' + rule.id();
  }

  private static Reads direct(Rule rule) {
    Set<String> metrics = new HashSet<>();
    boolean absence = asksForAbsence(rule.expr());
    for (SelectorAnalysis.Selector selector : SelectorAnalysis.of(rule.expr()).selectors()) {
      String name = "";
      for (LabelMatcher matcher : selector.matchers()) {
        if (matcher.name().equals(Labels.METRIC_NAME) && matcher.op() == LabelMatcher.Op.EQ) {
          name = matcher.value();
        }
      }
      // The series of the alerts tell of all rules at once.
      if (name.isEmpty() || name.equals("ALERTS") || name.equals("ALERTS_FOR_STATE")) {
        return Reads.anything(absence);
      }
      metrics.add(name);
    }
    return new Reads(metrics, false, absence);
  }

  /** Chains of operators are long: nothing here may call itself for each of them. */
  private static boolean asksForAbsence(Expr query) {
    Deque<Expr> open = new ArrayDeque<>(List.of(query));
    while (!open.isEmpty()) {
      Expr expr = open.remove();
      if (expr instanceof Call call && call.function().name().startsWith("absent")) {
        return true;
      }
      open.addAll(expr instanceof BinaryExpr binary ? binary.operands() : expr.children());
    }
    return false;
  }

  private static Reads through(
      String rule, Map<String, Reads> direct, Map<String, List<String>> recorders) {
    Set<String> seen = new HashSet<>(Set.of(rule));
    Deque<String> open = new ArrayDeque<>(seen);
    Set<String> metrics = new HashSet<>();
    boolean absence = direct.getOrDefault(rule, Reads.ANYTHING).absence;
    while (!open.isEmpty()) {
      Reads reads = direct.getOrDefault(open.remove(), Reads.ANYTHING);
      if (reads.anything) {
        return Reads.anything(absence);
      }
      metrics.addAll(reads.metrics);
      for (String metric : reads.metrics) {
        recorders.getOrDefault(metric, List.of()).stream().filter(seen::add).forEach(open::add);
      }
    }
    return new Reads(Set.copyOf(metrics), false, absence);
  }
}
