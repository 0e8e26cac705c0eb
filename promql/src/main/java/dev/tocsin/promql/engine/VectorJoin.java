package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.BinaryExpr;
import dev.tocsin.promql.ast.VectorMatching;
import dev.tocsin.promql.ast.VectorMatching.Cardinality;
import dev.tocsin.promql.engine.PointOperation.Outcome;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.text.PromqlException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Arithmetic and comparison between two vectors: one-to-one, many-to-one and one-to-many. */
final class VectorJoin {
  private final QueryState state;
  private final int steps;
  private final VectorMatching matching;
  private final MatchKey key;
  private final PointOperation operation;
  private final boolean swapped;
  private final boolean oneToOne;
  private final boolean dropsName;

  /** Fill values of the "many" and of the "one" side. */
  private final @Nullable Double fillMany;

  private final @Nullable Double fillOne;

  private final Map<Labels, Group> groups = new LinkedHashMap<>();
  private final Map<Labels, StepSeries> results = new LinkedHashMap<>();

  VectorJoin(Evaluator evaluator, BinaryExpr expr, VectorMatching matching) {
    this.state = evaluator.state;
    this.steps = evaluator.steps.count();
    this.matching = matching;
    this.key = new MatchKey(matching);
    this.operation = new PointOperation(evaluator.state, expr);
    this.swapped = matching.cardinality() == Cardinality.ONE_TO_MANY;
    this.oneToOne = matching.cardinality() == Cardinality.ONE_TO_ONE;
    this.dropsName = (!expr.op().comparison() && !expr.op().trim()) || expr.bool();
    this.fillMany = swapped ? matching.fillRight() : matching.fillLeft();
    this.fillOne = swapped ? matching.fillLeft() : matching.fillRight();
  }

  /** The "one" side of a match group and which of its steps have found a partner. */
  private static final class Group {
    final Labels signature;
    final List<StepSeries> series = new ArrayList<>();
    boolean @Nullable [] matched;
    final Map<Labels, boolean[]> taken = new HashMap<>();

    Group(Labels signature) {
      this.signature = signature;
    }
  }

  List<StepSeries> evaluate(List<StepSeries> left, List<StepSeries> right) {
    for (StepSeries series : swapped ? left : right) {
      Labels signature = key.of(series.labels);
      groups.computeIfAbsent(signature, Group::new).series.add(series);
    }
    groups.values().forEach(this::requireOne);
    for (StepSeries many : swapped ? right : left) {
      state.check();
      Labels signature = key.of(many.labels);
      Group group = groups.get(signature);
      if (group == null && fillOne != null) {
        group = groups.computeIfAbsent(signature, Group::new);
      }
      if (group != null) {
        joinGroup(many, group);
      }
    }
    if (fillMany != null) {
      groups.values().forEach(this::fillUnmatched);
    }
    List<StepSeries> joined = new ArrayList<>();
    results.values().stream().filter(series -> !series.isEmpty()).forEach(joined::add);
    return joined;
  }

  private void joinGroup(StepSeries many, Group group) {
    for (StepSeries one : group.series) {
      join(many, one, group, null);
    }
    if (fillOne != null) {
      boolean[] missing = new boolean[steps];
      for (int i = 0; i < steps; i++) {
        missing[i] = many.has(i);
        for (StepSeries one : group.series) {
          missing[i] &= !one.has(i);
        }
      }
      join(many, constant(group.signature, fillOne), group, missing);
    }
  }

  private void fillUnmatched(Group group) {
    if (fillMany == null) {
      return;
    }
    StepSeries filled = constant(group.signature, fillMany);
    for (StepSeries one : group.series) {
      boolean[] free = new boolean[steps];
      for (int i = 0; i < steps; i++) {
        free[i] = one.has(i) && (group.matched == null || !group.matched[i]);
      }
      join(filled, one, group, free);
    }
  }

  private StepSeries constant(Labels labels, double value) {
    double[] values = new double[steps];
    Arrays.fill(values, Absent.clean(value));
    return new StepSeries(labels, false, values);
  }

  private void requireOne(Group group) {
    List<StepSeries> series = group.series;
    if (series.size() < 2) {
      return;
    }
    @Nullable StepSeries[] owner = new @Nullable StepSeries[steps];
    for (StepSeries next : series) {
      for (int i = 0; i < steps; i++) {
        if (next.has(i)) {
          StepSeries known = owner[i];
          if (known != null) {
            throw duplicate(group.signature, known, next);
          }
          owner[i] = next;
        }
      }
    }
  }

  private PromqlException duplicate(Labels signature, StepSeries known, StepSeries next) {
    return PromqlException.execution(
        "found duplicate series for the match group "
            + signature
            + " on the "
            + (swapped ? "left" : "right")
            + " hand-side of the operation: ["
            + next.labels
            + ", "
            + known.labels
            + "];many-to-many matching not allowed: matching labels must be unique on one side");
  }

  /**
   * @param only steps to look at, null for all
   */
  private void join(StepSeries many, StepSeries one, Group group, boolean @Nullable [] only) {
    Labels labels = resultLabels(many.labels, one.labels);
    StepSeries out = null;
    boolean[] used =
        group.taken.computeIfAbsent(oneToOne ? Labels.empty() : labels, k -> new boolean[steps]);
    for (int i = 0; i < steps; i++) {
      if (!many.has(i) || !one.has(i) || (only != null && !only[i])) {
        continue;
      }
      if (out == null) {
        out =
            results.computeIfAbsent(
                labels, known -> StepSeries.absent(known, dropsName || many.dropName, steps));
      }
      if (out.has(i)) {
        throw multiple();
      }
      Outcome outcome = operation.apply(swapped ? one : many, swapped ? many : one, i, out);
      if (outcome == Outcome.UNFIT) {
        continue;
      }
      if (used[i]) {
        throw multiple();
      }
      used[i] = true;
      boolean[] matched = group.matched;
      if (matched == null) {
        matched = new boolean[steps];
        group.matched = matched;
      }
      matched[i] = true;
    }
  }

  private PromqlException multiple() {
    return PromqlException.execution(
        oneToOne
            ? "multiple matches for labels: many-to-one matching must be explicit (use group_left/group_right)"
            : "multiple matches for labels: grouping labels must ensure unique matches");
  }

  private Labels resultLabels(Labels many, Labels one) {
    Labels labels = dropsName ? many.withoutName() : many;
    if (oneToOne) {
      if (matching.on()) {
        return labels.keeping(matching.labels());
      }
      return matching.labels().isEmpty() ? labels : labels.without(matching.labels());
    }
    if (matching.include().isEmpty()) {
      return labels;
    }
    Labels.Builder builder = labels.toBuilder();
    for (String label : matching.include()) {
      builder.put(label, one.getOrEmpty(label));
    }
    return builder.build();
  }
}
