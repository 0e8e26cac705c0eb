package dev.tocsin.app.bench;

/**
 * The trace and span ids of one run: all different, and the same for the same seed, so that a
 * reader of the topic can tell which were sent and which are missing. The second half of a trace id
 * names the run; the first half is a number from 0, scrambled in a way that can be undone.
 *
 * @param runHalf the second half of every trace id of this run, never 0
 */
record RunIds(long runHalf) {
  private static final long MULTIPLIER_1 = 0xBF58476D1CE4E5B9L;
  private static final long MULTIPLIER_2 = 0x94D049BB133111EBL;
  private static final long INVERSE_1 = 0x96DE1B173F119089L;
  private static final long INVERSE_2 = 0x319642B2D24D8EC3L;

  static RunIds of(long seed) {
    return new RunIds(scramble(seed) | 1);
  }

  /** The first half of the id of the trace with that number, counted from 0 over the whole run. */
  long traceHigh(long number) {
    return scramble(number + 1);
  }

  /** The id of the span (or log record) with that number; never 0. */
  long span(long number) {
    return scramble(-1 - number);
  }

  /** The number of a trace, from the first half of its id. */
  static long traceNumber(long traceHigh) {
    return unscramble(traceHigh) - 1;
  }

  /** SplitMix64's finaliser: a bijection that keeps 0. */
  private static long scramble(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * MULTIPLIER_1;
    z = (z ^ (z >>> 27)) * MULTIPLIER_2;
    return z ^ (z >>> 31);
  }

  private static long unscramble(long value) {
    long z = value;
    z = (z ^ (z >>> 31) ^ (z >>> 62)) * INVERSE_2;
    z = (z ^ (z >>> 27) ^ (z >>> 54)) * INVERSE_1;
    return z ^ (z >>> 30) ^ (z >>> 60);
  }
}
