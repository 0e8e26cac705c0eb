package dev.tocsin.promql.rules;

import dev.tocsin.promql.rules.RuleFileResult.Problem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Runs rule unit tests in promtool's format ({@code promtool test rules}). Thread-safe. */
public final class RuleTests {
  private RuleTests() {}

  /**
   * Runs a test file.
   *
   * @param yaml the test file
   * @param readRuleFile gives the text of a rule file named in it; what it throws becomes a failure
   * @return what failed; nothing when all tests pass
   */
  public static List<Problem> run(String yaml, Function<String, String> readRuleFile) {
    List<Problem> failures = new ArrayList<>();
    try {
      Yaml root = YamlReader.read(yaml);
      if (root instanceof Yaml.Table table) {
        new RuleTestFile(table, readRuleFile, failures).run();
      } else {
        failures.add(new Problem(1, "the file must be a mapping with the key tests"));
      }
    } catch (Yaml.Malformed e) {
      failures.add(new Problem(e.line(), "yaml: " + e.getMessage()));
    }
    return failures;
  }

  /** Rule files are looked up beside the test file. */
  public static Path resolve(Path testFile, String ruleFile) {
    return testFile.resolveSibling(ruleFile);
  }
}
