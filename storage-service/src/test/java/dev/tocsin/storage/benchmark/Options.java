package dev.tocsin.storage.benchmark;

import java.util.List;

/**
 * What to measure.
 *
 * @param rounds exports of 3,000 series
 * @param rows spans in the row layout, 0 for none
 */
record Options(long spans, long logs, long rounds, long rows, int partitions) {
  private static final long SEED_ROUNDS_FULL = 1_440;

  static Options parse(String[] args) {
    List<String> all = List.of(args);
    boolean full = all.contains("--full");
    return new Options(
        number(all, "--spans", full ? 8_000_000 : 1_000_000),
        number(all, "--logs", full ? 5_000_000 : 500_000),
        number(all, "--rounds", full ? SEED_ROUNDS_FULL : 240),
        number(all, "--rows", full ? 2_000_000 : 500_000),
        (int) number(all, "--partitions", 4));
  }

  private static long number(List<String> args, String name, long otherwise) {
    for (String arg : args) {
      if (arg.startsWith(name + "=")) {
        return Long.parseLong(arg.substring(name.length() + 1));
      }
      if (!arg.matches("--full|--(spans|logs|rounds|rows|partitions)=\\d+")) {
        throw new IllegalArgumentException(
            arg + " (expected: --full, or --spans=, --logs=, --rounds=, --rows=, --partitions=)");
      }
    }
    return otherwise;
  }
}
