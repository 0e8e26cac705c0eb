package dev.tocsin.promql.rules;

import dev.tocsin.promql.parse.ParserOptions;

/** Rule files in Prometheus's format. Stateless and thread-safe. */
public final class RuleFile {
  private RuleFile() {}

  /**
   * Reads and checks a rule file as {@code promtool check rules} does. Never throws: whatever is
   * wrong is a problem of the result, each with its line.
   */
  public static RuleFileResult parse(String yaml) {
    return parse(yaml, ParserOptions.EXPERIMENTAL);
  }

  /** As {@link #parse(String)}, with expressions limited to what the options allow. */
  public static RuleFileResult parse(String yaml, ParserOptions options) {
    return new RuleFileReader(options).read(yaml);
  }
}
