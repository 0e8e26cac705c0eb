package dev.tocsin.ingest.process;

import dev.tocsin.common.config.Section;
import dev.tocsin.otlp.wire.Signal;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What every rule has.
 *
 * @param name for metrics and messages; unique among all rules
 * @param signals it applies to
 * @param dryRun count what would happen, change nothing
 */
record RuleScope(String name, Set<Signal> signals, boolean dryRun) {
  private static final List<String> SIGNALS = List.of("traces", "metrics", "logs");

  static RuleScope from(Section rule) {
    String name = rule.string("name", "");
    if (!name.matches("[a-zA-Z0-9_.-]{1,64}")) {
      rule.problem("name", name, "1-64 letters, digits, '_', '.' or '-'");
    }
    Set<Signal> signals = EnumSet.noneOf(Signal.class);
    for (String label : rule.strings("signals", SIGNALS)) {
      if (SIGNALS.contains(label)) {
        signals.add(byLabel(label));
      } else {
        rule.problem("signals", label, "traces, metrics or logs");
      }
    }
    return new RuleScope(name, signals, rule.bool("dry_run", false));
  }

  private static Signal byLabel(String label) {
    return Arrays.stream(Signal.values())
        .filter(signal -> signal.label().equals(label))
        .findFirst()
        .orElseThrow();
  }
}
