package dev.tocsin.ingest.process;

import dev.tocsin.ingest.process.Rewriting.Counted;
import dev.tocsin.otlp.wire.MalformedOtlpException;
import dev.tocsin.otlp.wire.Signal;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Drops items and redacts attributes as configured. What it leaves out counts as accepted: the
 * sender need not know. Does no I/O; thread-safe.
 *
 * <p>Counter {@code otlp_processed_total}, by {@code rule}, {@code signal}, {@code action} ({@code
 * drop}, {@code mask}, {@code remove}, {@code hash}) and {@code dry_run}: items dropped, attributes
 * redacted, or what would have been.
 */
public final class ItemProcessor {
  private final Map<Signal, List<Counted<DropRule>>> drops = new EnumMap<>(Signal.class);
  private final Map<Signal, List<Counted<RedactRule>>> redactions = new EnumMap<>(Signal.class);

  public ItemProcessor(ProcessingConfig config, MeterRegistry registry) {
    for (Signal signal : Signal.values()) {
      drops.put(
          signal,
          config.drop().stream()
              .filter(rule -> rule.scope().signals().contains(signal))
              .map(rule -> new Counted<>(rule, counter(registry, rule.scope(), signal, "drop")))
              .toList());
      redactions.put(
          signal,
          config.redact().stream()
              .filter(rule -> rule.scope().signals().contains(signal))
              .map(
                  rule ->
                      new Counted<>(
                          rule,
                          counter(
                              registry,
                              rule.scope(),
                              signal,
                              rule.action().name().toLowerCase(Locale.ROOT))))
              .toList());
    }
  }

  private static Counter counter(
      MeterRegistry registry, RuleScope scope, Signal signal, String action) {
    return registry.counter(
        "otlp.processed",
        "rule",
        scope.name(),
        "signal",
        signal.label(),
        "action",
        action,
        "dry_run",
        Boolean.toString(scope.dryRun()));
  }

  /** Whether there are rules for the signal; without any, {@link #apply} returns what it got. */
  public boolean hasRules(Signal signal) {
    return !rules(drops, signal).isEmpty() || !rules(redactions, signal).isEmpty();
  }

  /**
   * @param request an export request, not checked yet
   * @return the request to go on with: the same array when nothing changed, or when it cannot be
   *     read and the scan will say so
   * @throws MalformedOtlpException when its structure cannot be followed
   */
  public byte[] apply(Signal signal, byte[] request) {
    Shape shape = Shape.ofRequest(signal);
    if (shape == null || !hasRules(signal)) {
      return request;
    }
    try {
      return new Rewriting(signal, request, rules(drops, signal), rules(redactions, signal))
          .run(shape);
    } catch (Entry.UnreadableException unreadable) {
      return request;
    }
  }

  private static <R> List<Counted<R>> rules(Map<Signal, List<Counted<R>>> bySignal, Signal signal) {
    @Nullable List<Counted<R>> rules = bySignal.get(signal);
    return rules == null ? List.of() : rules;
  }
}
