package dev.tocsin.storage.write.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.segment.metric.Exponential;
import dev.tocsin.segment.metric.SeriesSamples;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TotalsTest {
  private final List<String> emitted = new ArrayList<>();

  @Test
  void deltas_addUp_inTheOrderTheyCome() {
    Totals totals = new Totals(List.of(), 100);
    add(totals, 1, 10, 2);
    add(totals, 1, 20, 3);
    add(totals, 2, 20, 7);
    assertThat(emitted).containsExactly("10=2.0", "20=5.0", "20=7.0");
  }

  @Test
  void lateDelta_counts_atTheTimeOfTheLastOne() {
    Totals totals = new Totals(List.of(), 100);
    add(totals, 1, 20, 3);
    add(totals, 1, 10, 2);
    assertThat(emitted).containsExactly("20=3.0", "20=5.0");
  }

  @Test
  void totals_goOn_fromASnapshot() {
    Totals totals = new Totals(List.of(), 100);
    add(totals, 1, 10, 2);
    add(totals, 1, 20, 3);
    emitted.clear();
    Totals restored = new Totals(totals.snapshot(), 100);
    add(restored, 1, 30, 1);
    assertThat(emitted).containsExactly("30=6.0");
  }

  @Test
  void snapshot_forgetsSeries_silentForADay() {
    Totals totals = new Totals(List.of(), 100);
    add(totals, 1, 1_000, 2);
    add(totals, 2, 1_000 + 86_400_001L, 2);
    List<SeriesSamples> snapshot = totals.snapshot();
    assertThat(snapshot).extracting(SeriesSamples::id).containsExactly(2L);
  }

  @Test
  void knownSeries_goOn_whenThereIsNoRoomForMore() {
    Totals totals = new Totals(List.of(), 2);
    add(totals, 1, 10, 2);
    assertThat(totals.admits(2)).isTrue();
    add(totals, 2, 10, 2);
    assertThat(totals.admits(3)).isFalse();
    assertThat(totals.admits(1)).isTrue();
    Totals restored = new Totals(totals.snapshot(), 2);
    assertThat(restored.admits(3)).isFalse();
    assertThat(restored.admits(2)).isTrue();
  }

  @Test
  void room_isTakenByBuckets_too() {
    Totals totals = new Totals(List.of(), 20);
    ExponentialHistogramDataPoint wide =
        ExponentialHistogramDataPoint.newBuilder()
            .setPositive(
                ExponentialHistogramDataPoint.Buckets.newBuilder()
                    .addAllBucketCounts(Collections.nCopies(150, 1L)))
            .build();
    totals.add(1, 10, Exponential.of(wide), (at, total) -> {});
    assertThat(totals.admits(2)).isTrue();
    totals.add(2, 10, Exponential.of(wide), (at, total) -> {});
    assertThat(totals.admits(3)).isFalse();
    // Of what was silent for a day nothing is left.
    totals.add(2, 10 + 86_400_001L, Exponential.of(wide), (at, total) -> {});
    assertThat(totals.snapshot()).hasSize(1);
    assertThat(totals.admits(3)).isTrue();
  }

  private void add(Totals totals, long id, long timeMs, double delta) {
    totals.add(id, timeMs, delta, (at, total) -> emitted.add(at + "=" + total));
  }
}
