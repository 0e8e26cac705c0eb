package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.Call;
import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.ast.StringLiteral;
import dev.tocsin.promql.regex.Regex;
import dev.tocsin.promql.series.LabelText;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.text.PromqlException;
import java.util.ArrayList;
import java.util.List;

/** label_replace and label_join. */
final class LabelFunctions {
  private LabelFunctions() {}

  private static String text(Call call, int argument) {
    return ((StringLiteral) call.arguments().get(argument).unwrapped()).value();
  }

  static List<StepSeries> replace(Evaluator evaluator, Call call) {
    String target = text(call, 1);
    String replacement = text(call, 2);
    String source = text(call, 3);
    Regex regex;
    try {
      regex = Regex.compile(text(call, 4));
    } catch (PromqlException e) {
      throw PromqlException.execution(
          "invalid regular expression in label_replace(): " + text(call, 4));
    }
    requireName(target, "destination", "label_replace");
    List<StepSeries> result = new ArrayList<>();
    for (StepSeries series : evaluator.vector(call.arguments().get(0))) {
      String replaced = regex.expand(series.labels.getOrEmpty(source), replacement);
      result.add(replaced == null ? series : with(series, target, replaced));
    }
    return SeriesMerge.merged(result);
  }

  static List<StepSeries> join(Evaluator evaluator, Call call) {
    String target = text(call, 1);
    String separator = text(call, 2);
    List<String> sources = new ArrayList<>();
    for (Expr argument : call.arguments().subList(3, call.arguments().size())) {
      String source = ((StringLiteral) argument.unwrapped()).value();
      requireName(source, "source", "label_join");
      sources.add(source);
    }
    requireName(target, "destination", "label_join");
    List<StepSeries> result = new ArrayList<>();
    for (StepSeries series : evaluator.vector(call.arguments().get(0))) {
      List<String> values = new ArrayList<>();
      for (String source : sources) {
        values.add(series.labels.getOrEmpty(source));
      }
      result.add(with(series, target, String.join(separator, values)));
    }
    return SeriesMerge.merged(result);
  }

  private static StepSeries with(StepSeries series, String label, String value) {
    boolean dropName = !label.equals(Labels.METRIC_NAME) && series.dropName;
    return series.relabelled(series.labels.with(label, value), dropName);
  }

  private static void requireName(String name, String role, String function) {
    if (!LabelText.isValidLabelName(name)) {
      throw PromqlException.execution(
          "invalid " + role + " label name in " + function + "(): " + name);
    }
  }
}
