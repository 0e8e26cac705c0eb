package dev.tocsin.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class BodyFuzzTest {

  @Test
  void damagedBodies_areRefused_orBecomeSoundRecords() throws IOException {
    BodyFuzz fuzz = new BodyFuzz();
    for (long seed = 0; seed < 10_000; seed++) {
      fuzz.round(seed);
    }
    assertThat(fuzz.taken()).isGreaterThan(1_000);
    assertThat(fuzz.refused()).isGreaterThan(1_000);
  }
}
