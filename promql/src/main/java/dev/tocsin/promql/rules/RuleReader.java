package dev.tocsin.promql.rules;

import dev.tocsin.promql.PromqlParser;
import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.ast.ValueType;
import dev.tocsin.promql.parse.ParserOptions;
import dev.tocsin.promql.rules.RuleFileResult.Problem;
import dev.tocsin.promql.series.LabelText;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.template.TemplateExpander;
import dev.tocsin.promql.text.PromqlException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads and checks one rule. */
final class RuleReader {
  private static final Set<String> KEYS =
      Set.of("record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations");

  private final ParserOptions options;
  private final YamlFields fields;
  private final List<Problem> problems;

  RuleReader(ParserOptions options, YamlFields fields, List<Problem> problems) {
    this.options = options;
    this.fields = fields;
    this.problems = problems;
  }

  @Nullable Rule read(
      Yaml item,
      String group,
      int index,
      Map<String, String> groupLabels,
      Map<String, Integer> sameName) {
    if (!(item instanceof Yaml.Table table)) {
      fields.problem(item, "a rule must be a mapping");
      return null;
    }
    int problemsBefore = problems.size();
    fields.requireKnown(table, KEYS, "rule");
    String record = fields.text(table, "record");
    String alert = fields.text(table, "alert");
    String name = record.isEmpty() ? alert : record;
    String where =
        "group " + LabelText.quote(group) + ", rule " + index + ", " + LabelText.quote(name) + ": ";
    if (!record.isEmpty() && !alert.isEmpty()) {
      fields.problem(table, where + "only one of 'record' and 'alert' must be set");
    } else if (name.isEmpty()) {
      fields.problem(table, where + "one of 'record' or 'alert' must be set");
    }
    String query = fields.text(table, "expr");
    Expr expr = parse(table, query, where);
    Map<String, String> own = fields.strings(table, "labels");
    Map<String, String> labels = new LinkedHashMap<>(groupLabels);
    labels.putAll(own);
    Map<String, String> annotations = fields.strings(table, "annotations");
    Duration wait = fields.duration(table, "for");
    Duration keep = fields.duration(table, "keep_firing_for");
    checkLabels(table, own, where.substring(0, where.length() - 2));
    if (record.isEmpty()) {
      checkAlert(table, own, annotations, where);
    } else {
      checkRecording(table, record, annotations, wait, keep, where);
    }
    if (expr == null || problems.size() > problemsBefore) {
      return null;
    }
    return record.isEmpty()
        ? new AlertingRule(
            id(alert, sameName),
            alert,
            query,
            expr,
            Objects.requireNonNullElse(wait, Duration.ZERO),
            Objects.requireNonNullElse(keep, Duration.ZERO),
            labels,
            annotations,
            table.line())
        : new RecordingRule(id(record, sameName), record, query, expr, labels, table.line());
  }

  private static String id(String name, Map<String, Integer> sameName) {
    int number = sameName.merge(name, 1, Integer::sum);
    return number == 1 ? name : name + "#" + number;
  }

  private @Nullable Expr parse(Yaml.Table table, String query, String where) {
    int line = RuleFileReader.line(table, "expr");
    if (query.isBlank()) {
      problems.add(new Problem(line, where + "field 'expr' must be set in rule"));
      return null;
    }
    try {
      Expr expr = PromqlParser.parse(query, options);
      if (expr.type() != ValueType.VECTOR && expr.type() != ValueType.SCALAR) {
        problems.add(new Problem(line, where + "query result is not a vector or scalar"));
        return null;
      }
      return expr;
    } catch (PromqlException e) {
      problems.add(new Problem(line, where + "could not parse expression: " + e.getMessage()));
      return null;
    }
  }

  private void checkRecording(
      Yaml.Table table,
      String record,
      Map<String, String> annotations,
      @Nullable Duration wait,
      @Nullable Duration keep,
      String where) {
    if (!annotations.isEmpty()) {
      problem(table, "annotations", where + "invalid field 'annotations' in recording rule");
    }
    if (wait != null && !wait.isZero()) {
      problem(table, "for", where + "invalid field 'for' in recording rule");
    }
    if (keep != null && !keep.isZero()) {
      problem(
          table, "keep_firing_for", where + "invalid field 'keep_firing_for' in recording rule");
    }
    if (record.indexOf('{') >= 0 || record.indexOf('}') >= 0) {
      problem(
          table,
          "record",
          where + "braces present in the recording rule name; should it be in expr?: " + record);
    }
  }

  private void checkAlert(
      Yaml.Table table, Map<String, String> labels, Map<String, String> annotations, String where) {
    labels.forEach((name, text) -> checkTemplate(table, "labels", "label", name, text, where));
    annotations.forEach(
        (name, text) -> checkTemplate(table, "annotations", "annotation", name, text, where));
    for (String name : annotations.keySet()) {
      if (name.isEmpty()) {
        problem(table, "annotations", where + "invalid annotation name: " + LabelText.quote(name));
      }
    }
  }

  private void checkTemplate(
      Yaml.Table table, String section, String what, String name, String text, String where) {
    String error = TemplateExpander.check(text);
    if (error != null) {
      int line =
          table.get(section) instanceof Yaml.Table entries
              ? RuleFileReader.line(entries, name)
              : table.line();
      problems.add(new Problem(line, where + what + " " + LabelText.quote(name) + ": " + error));
    }
  }

  void checkLabels(Yaml.Table table, Map<String, String> labels, String where) {
    for (String name : labels.keySet()) {
      if (name.isEmpty() || name.equals(Labels.METRIC_NAME)) {
        problem(table, "labels", where + ": invalid label name: " + name);
      }
    }
  }

  private void problem(Yaml.Table table, String key, String message) {
    problems.add(new Problem(RuleFileReader.line(table, key), message));
  }
}
