package dev.tocsin.app.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fixed number of batches; {@link HostileRun} is the program for more. */
class HostileIT {
  private static final long SEED = 20_261_130;
  private static final int BATCHES = 6;

  @Test
  void telemetryOfAnyShape_standsInNobodysWay_andAddsUp(@TempDir Path directory) throws Exception {
    try (HostileSuite suite = HostileSuite.start(directory)) {
      HostileRun run = new HostileRun(suite, SEED);
      run.begin();
      long heap = HostileRun.heap();
      for (int i = 0; i < BATCHES; i++) {
        run.batch();
      }
      run.end(heap);
      assertThat(run.findings()).isEmpty();
      assertThat(run.answers()).containsKeys("200", "grpc 0", "400");
    }
  }
}
