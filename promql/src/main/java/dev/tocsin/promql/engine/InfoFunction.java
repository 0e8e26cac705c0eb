package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.AtModifier;
import dev.tocsin.promql.ast.BinaryExpr;
import dev.tocsin.promql.ast.Call;
import dev.tocsin.promql.ast.DurationExpr;
import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.ast.SourceRange;
import dev.tocsin.promql.ast.TimeShift;
import dev.tocsin.promql.ast.VectorSelector;
import dev.tocsin.promql.series.LabelMatcher;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.text.PromqlException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * info: adds the labels of info series (target_info unless told otherwise) with the same job and
 * instance.
 */
final class InfoFunction {
  private static final List<String> IDENTIFYING = List.of("instance", "job");
  private static final String TARGET_INFO = "target_info";

  private final Evaluator evaluator;
  private final int steps;
  private final List<LabelMatcher> nameMatchers = new ArrayList<>();
  private final Map<String, List<LabelMatcher>> dataMatchers = new TreeMap<>();

  private InfoFunction(Evaluator evaluator, Call call) {
    this.evaluator = evaluator;
    this.steps = evaluator.steps.count();
    if (call.arguments().size() > 1 && call.arguments().get(1) instanceof VectorSelector selector) {
      for (LabelMatcher matcher : selector.matchers()) {
        if (matcher.name().equals(Labels.METRIC_NAME)) {
          nameMatchers.add(matcher);
        } else {
          dataMatchers.computeIfAbsent(matcher.name(), k -> new ArrayList<>()).add(matcher);
        }
      }
    }
    if (nameMatchers.isEmpty()) {
      nameMatchers.add(LabelMatcher.equal(Labels.METRIC_NAME, TARGET_INFO));
    }
  }

  /**
   * An info series: its values are the times of its samples, so that the newest of several wins.
   */
  private record Info(String name, Labels identity, StepSeries times) {}

  static List<StepSeries> evaluate(Evaluator evaluator, Call call) {
    return new InfoFunction(evaluator, call).run(call.arguments().get(0));
  }

  private List<StepSeries> run(Expr vector) {
    List<StepSeries> base = evaluator.vector(vector);
    Map<Labels, Map<String, List<Info>>> infos = new LinkedHashMap<>();
    if (base.stream().anyMatch(series -> !isInfo(series) && !identity(series.labels).isEmpty())) {
      for (Info info : select(vector)) {
        infos
            .computeIfAbsent(info.identity, k -> new TreeMap<>())
            .computeIfAbsent(info.name, k -> new ArrayList<>())
            .add(info);
      }
    }
    List<StepSeries> result = new ArrayList<>();
    for (StepSeries series : base) {
      evaluator.state.check();
      if (isInfo(series)) {
        result.add(series);
      } else {
        result.addAll(enriched(series, infos.getOrDefault(identity(series.labels), Map.of())));
      }
    }
    return SeriesMerge.merged(result);
  }

  private boolean isInfo(StepSeries series) {
    return nameMatchers.stream().allMatch(m -> m.matches(series.labels.metricName()));
  }

  private static Labels identity(Labels labels) {
    return labels.keeping(IDENTIFYING);
  }

  private List<Info> select(Expr vector) {
    List<LabelMatcher> matchers = new ArrayList<>(nameMatchers);
    dataMatchers.values().forEach(matchers::addAll);
    VectorSelector selector =
        new VectorSelector(
            "", matchers, shift(vector), VectorSelector.Edges.PLAIN, SourceRange.NONE);
    List<Info> infos = new ArrayList<>();
    new InstantSelection(evaluator, selector)
        .each(
            series ->
                infos.add(new Info(series.labels.metricName(), identity(series.labels), series)),
            true);
    return infos;
  }

  /** Info series are looked up at the time of the first selector of the vector. */
  private static TimeShift shift(Expr expr) {
    VectorSelector first = firstSelector(expr);
    if (first == null) {
      return TimeShift.NONE;
    }
    @Nullable DurationExpr offset = first.shift().offset();
    @Nullable AtModifier at = first.shift().at();
    return new TimeShift(offset, at);
  }

  private static @Nullable VectorSelector firstSelector(Expr expr) {
    if (expr instanceof VectorSelector selector) {
      return selector;
    }
    List<Expr> inner = expr instanceof BinaryExpr binary ? binary.operands() : expr.children();
    for (Expr child : inner) {
      VectorSelector found = firstSelector(child);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private List<StepSeries> enriched(StepSeries series, Map<String, List<Info>> infos) {
    Map<Labels, StepSeries> outputs = new LinkedHashMap<>();
    for (int i = 0; i < steps; i++) {
      if (!series.has(i)) {
        continue;
      }
      Labels labels = labelsAt(series, infos, i);
      if (labels != null) {
        outputs
            .computeIfAbsent(labels, k -> StepSeries.absent(k, series.dropName, steps))
            .copy(i, series);
      }
    }
    return new ArrayList<>(outputs.values());
  }

  /** Null when the series falls away for want of an info series. */
  private @Nullable Labels labelsAt(StepSeries series, Map<String, List<Info>> infos, int step) {
    Map<String, String> added = new TreeMap<>();
    boolean any = false;
    for (List<Info> sameName : infos.values()) {
      Info newest = newest(sameName, step);
      if (newest != null) {
        any = true;
        add(series.labels, newest.times.labels, added);
      }
    }
    if (!any
        && dataMatchers.values().stream().flatMap(List::stream).anyMatch(m -> !m.matches(""))) {
      return null;
    }
    return added.isEmpty() ? series.labels : series.labels.toBuilder().putAll(added).build();
  }

  private static @Nullable Info newest(List<Info> infos, int step) {
    Info newest = null;
    for (Info info : infos) {
      if (!info.times.hasFloat(step)) {
        continue;
      }
      double time = info.times.values[step];
      if (newest != null && newest.times.values[step] == time) {
        throw PromqlException.execution(
            String.format(
                "found duplicate series for info metric: existing %s @ %d, new %s @ %d",
                newest.times.labels,
                Math.round(time * 1000),
                info.times.labels,
                Math.round(time * 1000)));
      }
      if (newest == null || newest.times.values[step] < time) {
        newest = info;
      }
    }
    return newest;
  }

  private void add(Labels base, Labels info, Map<String, String> added) {
    info.forEach(
        (name, value) -> {
          boolean wanted = dataMatchers.isEmpty() || dataMatchers.containsKey(name);
          if (name.equals(Labels.METRIC_NAME) || !wanted || base.has(name)) {
            return;
          }
          String before = added.put(name, value);
          if (before != null && !before.equals(value)) {
            throw PromqlException.execution("conflicting label: " + name);
          }
        });
  }
}
