package dev.tocsin.promql.rules;

import dev.tocsin.promql.parse.ParserOptions;
import dev.tocsin.promql.rules.RuleFileResult.Problem;
import dev.tocsin.promql.rules.Yaml.Entry;
import dev.tocsin.promql.series.LabelText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns the tree of a rule file into groups, gathering problems instead of stopping at the first.
 */
final class RuleFileReader {
  private static final Set<String> GROUP_KEYS =
      Set.of("name", "interval", "query_offset", "limit", "labels", "rules");

  private final List<Problem> problems = new ArrayList<>();
  private final List<Problem> hints = new ArrayList<>();
  private final YamlFields fields = new YamlFields(problems);
  private final RuleReader rules;

  RuleFileReader(ParserOptions options) {
    this.rules = new RuleReader(options, fields, problems);
  }

  RuleFileResult read(String yaml) {
    List<RuleGroup> groups = new ArrayList<>();
    try {
      Yaml root = YamlReader.read(yaml);
      if (root != null) {
        readRoot(root, groups);
      }
    } catch (Yaml.Malformed e) {
      problems.add(new Problem(e.line(), "yaml: " + e.getMessage()));
    }
    findDuplicates(groups);
    problems.sort(Comparator.comparingInt(Problem::line));
    return new RuleFileResult(groups, problems, hints);
  }

  private void readRoot(Yaml root, List<RuleGroup> groups) {
    if (!(root instanceof Yaml.Table table)) {
      fields.problem(root, "the file must be a mapping with the key groups");
      return;
    }
    fields.requireKnown(table, Set.of("groups", "namespace"), "");
    Yaml list = table.get("groups");
    if (list == null || (list instanceof Yaml.Text text && text.isNull())) {
      return;
    } else if (!(list instanceof Yaml.Items)) {
      fields.problem(list, "groups must be a list");
      return;
    }
    Map<String, Integer> names = new HashMap<>();
    for (Yaml item : ((Yaml.Items) list).items()) {
      RuleGroup group = readGroup(item);
      if (group != null) {
        groups.add(group);
        Integer first = names.putIfAbsent(group.name(), group.line());
        if (first != null && !group.name().isEmpty()) {
          fields.problem(
              item,
              "groupname: " + LabelText.quote(group.name()) + " is repeated in the same file");
        }
      }
    }
  }

  private @Nullable RuleGroup readGroup(Yaml item) {
    if (!(item instanceof Yaml.Table table)) {
      fields.problem(item, "a group must be a mapping");
      return null;
    }
    fields.requireKnown(table, GROUP_KEYS, "group");
    String name = fields.text(table, "name");
    if (name.isEmpty()) {
      fields.problem(table, "Groupname must not be empty");
    }
    WholeCharacters.problems(table, "group \"" + WholeCharacters.shown(name) + "\"")
        .forEach(problems::add);
    Duration interval = fields.duration(table, "interval");
    Duration offset = fields.duration(table, "query_offset");
    int limit = fields.integer(table, "limit");
    Map<String, String> labels = fields.strings(table, "labels");
    rules.checkLabels(table, labels, "group " + LabelText.quote(name));
    List<Rule> read = new ArrayList<>();
    Map<String, Integer> sameName = new HashMap<>();
    Yaml list = table.get("rules");
    if (list instanceof Yaml.Items items) {
      int index = 0;
      for (Yaml rule : items.items()) {
        Rule one = rules.read(rule, name, ++index, labels, sameName);
        if (one != null) {
          read.add(one);
        }
      }
    } else if (list != null && !(list instanceof Yaml.Text text && text.isNull())) {
      fields.problem(list, "rules must be a list");
    }
    return new RuleGroup(name, interval, limit, offset, labels, read, table.line());
  }

  /** Two rules of one name and the same labels are allowed, but promtool calls them out. */
  private void findDuplicates(List<RuleGroup> groups) {
    Set<String> seen = new HashSet<>();
    for (RuleGroup group : groups) {
      for (Rule rule : group.rules()) {
        String key =
            rule.getClass() + "\n" + rule.name() + "\n" + new java.util.TreeMap<>(rule.labels());
        if (!seen.add(key)) {
          hints.add(
              new Problem(
                  rule.line(),
                  "duplicate rule "
                      + LabelText.quote(rule.name())
                      + ": this might cause inconsistency while recording expressions"));
        }
      }
    }
  }

  static int line(Yaml.Table table, String key) {
    for (Entry entry : table.entries()) {
      if (entry.key().equals(key)) {
        return entry.line();
      }
    }
    return table.line();
  }
}
