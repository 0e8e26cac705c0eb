package dev.tocsin.promql.rules;

import dev.tocsin.promql.parse.Durations;
import dev.tocsin.promql.rules.RuleFileResult.Problem;
import dev.tocsin.promql.rules.Yaml.Entry;
import dev.tocsin.promql.series.LabelText;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Typed access to the entries of a mapping; what does not fit becomes a problem. */
final class YamlFields {
  private final List<Problem> problems;

  YamlFields(List<Problem> problems) {
    this.problems = problems;
  }

  void problem(Yaml at, String message) {
    problems.add(new Problem(at.line(), message));
  }

  void requireKnown(Yaml.Table table, Set<String> known, String what) {
    for (Entry entry : table.entries()) {
      if (!known.contains(entry.key())) {
        problems.add(
            new Problem(
                entry.line(),
                "field " + entry.key() + " not found" + (what.isEmpty() ? "" : " in " + what)));
      }
    }
  }

  /** The string of an entry, empty when absent. */
  String text(Yaml.Table table, String key) {
    Yaml value = table.get(key);
    if (value == null) {
      return "";
    } else if (value instanceof Yaml.Text text) {
      return text.isNull() ? "" : text.value();
    }
    problem(value, key + " must be a string");
    return "";
  }

  @Nullable Duration duration(Yaml.Table table, String key) {
    String text = text(table, key);
    if (text.isEmpty()) {
      return null;
    }
    Long millis = Durations.parseMillis(text);
    if (millis == null) {
      problems.add(
          new Problem(
              RuleFileReader.line(table, key),
              key + ": not a valid duration string: " + LabelText.quote(text)));
      return null;
    }
    return Duration.ofMillis(millis);
  }

  int integer(Yaml.Table table, String key) {
    String text = text(table, key);
    if (text.isEmpty()) {
      return 0;
    }
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      problems.add(
          new Problem(
              RuleFileReader.line(table, key), key + ": " + text + " (expected: a whole number)"));
      return 0;
    }
  }

  Map<String, String> strings(Yaml.Table table, String key) {
    Map<String, String> map = new LinkedHashMap<>();
    Yaml value = table.get(key);
    if (value == null || (value instanceof Yaml.Text text && text.isNull())) {
      return map;
    } else if (!(value instanceof Yaml.Table)) {
      problem(value, key + " must be a mapping of strings");
      return map;
    }
    for (Entry entry : ((Yaml.Table) value).entries()) {
      if (entry.value() instanceof Yaml.Text text) {
        map.put(entry.key(), text.isNull() ? "" : text.value());
      } else {
        problem(entry.value(), key + "." + entry.key() + " must be a string");
      }
    }
    return map;
  }
}
