package dev.tocsin.ingest.process;

import dev.tocsin.common.config.Section;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The tables {@code [[ingest.drop]]} and {@code [[ingest.redact]]}; without any, nothing is
 * changed.
 */
public record ProcessingConfig(List<DropRule> drop, List<RedactRule> redact) {

  /** Nothing is changed. */
  public static final ProcessingConfig NONE = new ProcessingConfig(List.of(), List.of());

  /** Reads the tables; problems are noted in the settings. */
  public static ProcessingConfig from(Section ingest) {
    Set<String> names = new HashSet<>();
    List<DropRule> drop =
        ingest.tables("drop").stream()
            .map(rule -> unique(names, rule, DropRule.from(rule)))
            .toList();
    List<RedactRule> redact =
        ingest.tables("redact").stream()
            .map(rule -> unique(names, rule, RedactRule.from(rule)))
            .toList();
    return new ProcessingConfig(drop, redact);
  }

  private static <R> R unique(Set<String> names, Section table, R rule) {
    String name = table.string("name", "");
    if (!names.add(name)) {
      table.problem("name", name, "a name no other rule has");
    }
    return rule;
  }
}
