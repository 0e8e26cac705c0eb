package dev.tocsin.storage.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.runtime.Health;
import dev.tocsin.storage.ports.SeriesCollisions;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CollisionNoteTest {
  private long nowMs = 1_700_000_000_000L;
  private final SeriesCollisions collisions =
      new SeriesCollisions(() -> Instant.ofEpochMilli(nowMs));
  private final CollisionNote note =
      new CollisionNote(collisions, () -> Instant.ofEpochMilli(nowMs));

  private Health health() {
    return note.check().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void overwritingSeries_areNamed_untilTheyStop() {
    assertThat(health()).isEqualTo(Health.healthy());
    collisions.add(new TreeMap<>(Map.of("__name__", "disk_used", "job", "agent")));
    collisions.add(new TreeMap<>(Map.of("__name__", "disk_used", "job", "agent")));
    assertThat(health().issues()).isEmpty();
    assertThat(health().notes())
        .singleElement()
        .asString()
        .startsWith("2 values were overwritten")
        .contains("the last of disk_used", "/api/v1/metrics/collisions");
    nowMs += 600_000;
    assertThat(health()).isEqualTo(Health.healthy());
  }
}
