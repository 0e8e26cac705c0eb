package dev.tocsin.storage.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.storage.segment.SeriesSamples;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TotalsTest {
  private final List<String> emitted = new ArrayList<>();

  @Test
  void deltas_addUp_inTheOrderTheyCome() {
    Totals totals = new Totals(List.of());
    add(totals, 1, 10, 2);
    add(totals, 1, 20, 3);
    add(totals, 2, 20, 7);
    assertThat(emitted).containsExactly("10=2.0", "20=5.0", "20=7.0");
  }

  @Test
  void lateDelta_counts_atTheTimeOfTheLastOne() {
    Totals totals = new Totals(List.of());
    add(totals, 1, 20, 3);
    add(totals, 1, 10, 2);
    assertThat(emitted).containsExactly("20=3.0", "20=5.0");
  }

  @Test
  void totals_goOn_fromASnapshot() {
    Totals totals = new Totals(List.of());
    add(totals, 1, 10, 2);
    add(totals, 1, 20, 3);
    emitted.clear();
    Totals restored = new Totals(totals.snapshot());
    add(restored, 1, 30, 1);
    assertThat(emitted).containsExactly("30=6.0");
  }

  @Test
  void snapshot_forgetsSeries_silentForADay() {
    Totals totals = new Totals(List.of());
    add(totals, 1, 1_000, 2);
    add(totals, 2, 1_000 + 86_400_001L, 2);
    List<SeriesSamples> snapshot = totals.snapshot();
    assertThat(snapshot).extracting(SeriesSamples::id).containsExactly(2L);
  }

  private void add(Totals totals, long id, long timeMs, double delta) {
    totals.add(id, timeMs, delta, (at, total) -> emitted.add(at + "=" + total));
  }
}
