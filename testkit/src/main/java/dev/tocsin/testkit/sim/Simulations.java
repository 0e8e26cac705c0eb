package dev.tocsin.testkit.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.Collectors;

/**
 * Runs a simulation for many seeds: some in the build, many as a program.
 *
 * <p>{@code -Dtocsin.sim.seed=N} runs one seed only, {@code -Dtocsin.sim.trace=true} prints what
 * happens in it.
 */
public final class Simulations {
  /** System property with the one seed to run. */
  public static final String SEED = "tocsin.sim.seed";

  private static final int FINDINGS_SHOWN = 10;

  private Simulations() {}

  /**
   * What came of one seed.
   *
   * @param findings empty when all is as it must be
   * @param records how many records were accepted
   */
  public record Outcome(long seed, List<String> findings, Trace trace, int records) {
    public Outcome {
      findings = List.copyOf(findings);
    }
  }

  /**
   * Runs the seeds one after the other and stops at the first with a finding.
   *
   * @throws AssertionError which names the seed, what was found, and the last of what happened
   */
  public static void check(String name, long seeds, LongFunction<Outcome> simulation) {
    Long only = Long.getLong(SEED);
    long first = only == null ? 1 : only;
    long last = only == null ? seeds : only;
    for (long seed = first; seed <= last; seed++) {
      Outcome outcome = run(name, seed, simulation);
      if (!outcome.findings().isEmpty()) {
        throw new AssertionError(
            "%s: seed %d (again: -D%s=%d):%n  %s%nlast of %d lines:%n  %s"
                .formatted(
                    name,
                    seed,
                    SEED,
                    seed,
                    String.join(System.lineSeparator() + "  ", outcome.findings()),
                    outcome.trace().lines(),
                    String.join(System.lineSeparator() + "  ", outcome.trace().last())));
      }
    }
  }

  private static Outcome run(String name, long seed, LongFunction<Outcome> simulation) {
    try {
      return simulation.apply(seed);
    } catch (RuntimeException | Error e) {
      throw new AssertionError("%s: seed %d ended with %s".formatted(name, seed, e), e);
    }
  }

  /**
   * The program: {@code [count [first seed]]}, 10,000 seeds from 1 unless told otherwise. Prints
   * each seed with a finding, and how fast it went.
   *
   * @return how many seeds had findings
   */
  public static int program(String name, String[] arguments, LongFunction<Outcome> simulation) {
    long count = arguments.length > 0 ? Long.parseLong(arguments[0]) : 10_000;
    long first = arguments.length > 1 ? Long.parseLong(arguments[1]) : 1;
    Long only = Long.getLong(SEED);
    if (only != null) {
      first = only;
      count = 1;
    }
    long beganNanos = System.nanoTime();
    long records = 0;
    List<Long> failed = new ArrayList<>();
    for (long seed = first; seed < first + count; seed++) {
      List<String> findings;
      try {
        Outcome outcome = simulation.apply(seed);
        records += outcome.records();
        findings = outcome.findings();
      } catch (RuntimeException | Error e) {
        findings =
            List.of(
                e
                    + " at "
                    + List.of(e.getStackTrace()).subList(0, Math.min(6, e.getStackTrace().length)));
      }
      if (!findings.isEmpty()) {
        failed.add(seed);
        System.out.printf(
            "%s: seed %d: %s%n",
            name, seed, findings.stream().limit(FINDINGS_SHOWN).collect(Collectors.joining("; ")));
      }
    }
    double seconds = Duration.ofNanos(System.nanoTime() - beganNanos).toMillis() / 1e3;
    System.out.printf(
        "%s: %d seeds in %.1f s (%.0f seeds/s), %d records, %d seeds with findings%s%n",
        name,
        count,
        seconds,
        count / Math.max(seconds, 1e-3),
        records,
        failed.size(),
        failed.isEmpty() ? "" : ": " + failed.stream().limit(100).toList());
    return failed.size();
  }
}
