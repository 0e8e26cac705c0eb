package dev.tocsin.testkit.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A fixed number of requests; {@link ScannerFuzz} is the program for more. */
class ScannerFuzzTest {
  private static final long SEED = 20_261_130;
  private static final int ROUNDS = 12_000;

  @Test
  void scanner_takesWhatTheParserTakes_andNothingElse() {
    ScannerFuzz fuzz = new ScannerFuzz();
    var seeds = new SplittableRandom(SEED);
    for (int round = 0; round < ROUNDS; round++) {
      fuzz.round(seeds.nextLong());
    }
    assertThat(fuzz.findings()).isEmpty();
    assertThat(fuzz.taken()).isGreaterThan(ROUNDS / 5);
    assertThat(fuzz.refused()).isGreaterThan(ROUNDS / 5);
  }
}
