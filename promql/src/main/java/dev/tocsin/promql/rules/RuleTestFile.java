package dev.tocsin.promql.rules;

import dev.tocsin.promql.rules.RuleFileResult.Problem;
import dev.tocsin.promql.text.PromqlException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/** A unit-test file: its rule files and its tests. */
final class RuleTestFile {
  private static final Set<String> KEYS =
      Set.of(
          "rule_files",
          "evaluation_interval",
          "group_eval_order",
          "fuzzy_compare",
          "tests",
          "start_timestamp");

  private final Yaml.Table file;
  private final Function<String, String> readRuleFile;
  private final List<Problem> failures;
  private final YamlFields fields;

  RuleTestFile(Yaml.Table file, Function<String, String> readRuleFile, List<Problem> failures) {
    this.file = file;
    this.readRuleFile = readRuleFile;
    this.failures = failures;
    this.fields = new YamlFields(failures);
  }

  void run() {
    fields.requireKnown(file, KEYS, "");
    List<RuleGroup> groups = new ArrayList<>();
    for (Yaml name : items(file, "rule_files")) {
      if (name instanceof Yaml.Text text) {
        readRules(text, groups);
      }
    }
    List<String> order = new ArrayList<>();
    for (Yaml name : items(file, "group_eval_order")) {
      order.add(name instanceof Yaml.Text text ? text.value() : "");
    }
    groups.sort(
        Comparator.comparingInt(
            group ->
                order.contains(group.name()) ? order.indexOf(group.name()) : Integer.MAX_VALUE));
    Duration interval =
        Objects.requireNonNullElse(
            fields.duration(file, "evaluation_interval"), Duration.ofMinutes(1));
    boolean fuzzy = fields.text(file, "fuzzy_compare").equals("true");
    if (!failures.isEmpty()) {
      return;
    }
    for (Yaml test : items(file, "tests")) {
      if (test instanceof Yaml.Table table) {
        try {
          new RuleTestCase(table, groups, interval.toMillis(), fuzzy, failures).run();
        } catch (PromqlException e) {
          failures.add(new Problem(table.line(), String.valueOf(e.getMessage())));
        }
      } else {
        failures.add(new Problem(test.line(), "a test must be a mapping"));
      }
    }
  }

  private void readRules(Yaml.Text name, List<RuleGroup> groups) {
    try {
      RuleFileResult result = RuleFile.parse(readRuleFile.apply(name.value()));
      result
          .problems()
          .forEach(p -> failures.add(new Problem(name.line(), name.value() + ":" + p)));
      groups.addAll(result.groups());
    } catch (RuntimeException e) {
      failures.add(new Problem(name.line(), name.value() + ": " + e.getMessage()));
    }
  }

  static List<Yaml> items(Yaml.Table table, String key) {
    return table.get(key) instanceof Yaml.Items items ? items.items() : List.of();
  }
}
