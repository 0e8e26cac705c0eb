package dev.tocsin.storage.write.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.segment.metric.Exponential;
import dev.tocsin.segment.metric.SeriesSamples;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TotalsTest {
  private final List<String> emitted = new ArrayList<>();

  @Test
  void deltas_addUp_inTheOrderTheyCome() {
    Totals totals = new Totals(List.of(), room(100));
    add(totals, 1, 10, 2);
    add(totals, 1, 20, 3);
    add(totals, 2, 20, 7);
    assertThat(emitted).containsExactly("10=2.0", "20=5.0", "20=7.0");
  }

  @Test
  void lateDelta_counts_atTheTimeOfTheLastOne() {
    Totals totals = new Totals(List.of(), room(100));
    add(totals, 1, 20, 3);
    add(totals, 1, 10, 2);
    assertThat(emitted).containsExactly("20=3.0", "20=5.0");
  }

  @Test
  void totals_goOn_fromASnapshot() {
    Totals totals = new Totals(List.of(), room(100));
    add(totals, 1, 10, 2);
    add(totals, 1, 20, 3);
    emitted.clear();
    Totals restored = new Totals(totals.snapshot(), room(100));
    add(restored, 1, 30, 1);
    assertThat(emitted).containsExactly("30=6.0");
  }

  @Test
  void snapshot_forgetsSeries_silentForADay() {
    Totals totals = new Totals(List.of(), room(100));
    add(totals, 1, 1_000, 2);
    add(totals, 2, 1_000 + 86_400_001L, 2);
    List<SeriesSamples> snapshot = totals.snapshot();
    assertThat(snapshot).extracting(SeriesSamples::id).containsExactly(2L);
  }

  @Test
  void knownSeries_goOn_whenThereIsNoRoomForMore() {
    Totals totals = new Totals(List.of(), room(2));
    add(totals, 1, 10, 2);
    assertThat(totals.admits(2)).isTrue();
    add(totals, 2, 10, 2);
    assertThat(totals.admits(3)).isFalse();
    assertThat(totals.admits(1)).isTrue();
    Totals restored = new Totals(totals.snapshot(), room(2));
    assertThat(restored.admits(3)).isFalse();
    assertThat(restored.admits(2)).isTrue();
  }

  @Test
  void whatIsStored_isRestored_thoughThereIsNoRoomForSoMuch() {
    Totals large = new Totals(List.of(), room(1_000));
    for (int id = 0; id < 1_000; id++) {
      add(large, id, 10, id);
    }
    emitted.clear();
    Totals restored = new Totals(large.snapshot(), room(10));
    for (int id = 0; id < 1_000; id++) {
      assertThat(restored.admits(id)).isTrue();
      add(restored, id, 20, 1);
      assertThat(emitted.get(id)).isEqualTo("20=" + (id + 1.0));
    }
    assertThat(restored.admits(1_000)).isFalse();
    assertThat(restored.snapshot()).hasSize(1_000);
  }

  @Test
  void room_isSharedByPartitions_andGivenBack() {
    TotalsMemory memory = room(2);
    Totals one = new Totals(List.of(), memory);
    Totals other = new Totals(List.of(), memory);
    add(one, 1, 10, 2);
    add(other, 1, 10, 2);
    assertThat(one.admits(2)).isFalse();
    assertThat(other.admits(2)).isFalse();
    other.close();
    assertThat(one.admits(2)).isTrue();
    one.close();
    assertThat(memory.bytes()).isZero();
  }

  @Test
  void room_isTakenByBuckets_too() {
    Totals totals = new Totals(List.of(), room(7));
    totals.add(1, 10, wide(0), (at, total) -> {});
    assertThat(totals.admits(2)).isTrue();
    totals.add(2, 10, wide(0), (at, total) -> {});
    assertThat(totals.admits(3)).isFalse();
    // Of what was silent for a day nothing is left.
    totals.add(2, 10 + 86_400_001L, wide(0), (at, total) -> {});
    assertThat(totals.snapshot()).hasSize(1);
    assertThat(totals.admits(3)).isTrue();
  }

  @Test
  void room_comesBack_fromSeriesThatWereSilentForMinutes_whereItIsNeeded() {
    TotalsMemory memory = room(3);
    Totals totals = new Totals(List.of(), memory);
    add(totals, 1, 10, 2);
    add(totals, 2, 10, 2);
    for (int minute = 0; minute < 20; minute++) {
      // As long as there is room nothing is forgotten.
      assertThat(totals.snapshot()).hasSize(2);
    }
    for (int id = 1; totals.admits(id); id++) {
      add(totals, id, 10, 2);
    }
    assertThat(totals.snapshot()).hasSize(3);
    for (int minute = 1; minute < 10; minute++) {
      add(totals, 2, 10, 2);
      assertThat(totals.snapshot()).hasSize(3);
    }
    add(totals, 2, 10, 2);
    assertThat(totals.snapshot()).extracting(SeriesSamples::id).containsExactly(2L);
    assertThat(totals.admits(3)).isTrue();
  }

  @Test
  void histograms_countOn_butGrowNoMore_whenThereIsNoRoom() {
    int many = 100;
    TotalsMemory memory = room(2 * many);
    Totals totals = new Totals(List.of(), memory);
    // One bucket each, as cheap as they can be; the last of them are no histograms yet.
    for (int id = 0; totals.admits(id); id++) {
      if (id < many) {
        totals.add(id, 10, Exponential.of(point(0, 1)), (at, total) -> {});
      } else {
        add(totals, id, 10, 1);
      }
    }
    long full = memory.bytes();
    List<Exponential> sums = new ArrayList<>();
    for (int id = 0; totals.admits(id); id++) {
      totals.add(id, 20, wide(id), (at, total) -> sums.add(total));
      totals.add(id, 30, wide(-id), (at, total) -> sums.add(total));
    }
    assertThat(sums).isNotEmpty();
    assertThat(sums.get(1).count()).isEqualTo(1 + 2 * 150);
    assertThat(sums.get(1).zeroCount() + bucketed(sums.get(1))).isEqualTo(1 + 2 * 150);
    assertThat(memory.bytes()).isLessThan(2 * full);
    assertThat(sums).allMatch(sum -> sum.positive().counts().length <= 8);
  }

  private static long bucketed(Exponential histogram) {
    return Arrays.stream(histogram.positive().counts()).sum();
  }

  private static Exponential wide(int offset) {
    return Exponential.of(point(offset, 150));
  }

  private static ExponentialHistogramDataPoint point(int offset, int buckets) {
    return ExponentialHistogramDataPoint.newBuilder()
        .setCount(buckets)
        .setPositive(
            ExponentialHistogramDataPoint.Buckets.newBuilder()
                .setOffset(offset)
                .addAllBucketCounts(Collections.nCopies(buckets, 1L)))
        .build();
  }

  /** For so many totals without buckets. */
  private static TotalsMemory room(int totals) {
    return new TotalsMemory((long) totals * Totals.TOTAL_HEAP_BYTES);
  }

  private void add(Totals totals, long id, long timeMs, double delta) {
    totals.add(id, timeMs, delta, (at, total) -> emitted.add(at + "=" + total));
  }
}
