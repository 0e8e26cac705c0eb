package dev.tocsin.alert.evaluate;

import dev.tocsin.alert.ports.GaugeSample;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.StaleMarker;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Thins series of which most samples repeat the one before: a changed value passes at once, an
 * unchanged one only every so often. What reads them sees the same values, because a value stands
 * until the next one comes.
 */
final class Repetition {
  private final long everyMs;
  private final Map<Labels, GaugeSample> passed = new HashMap<>();

  private long sweptMs;

  Repetition(long everyMs) {
    this.everyMs = everyMs;
  }

  /** The samples worth passing on; they count as passed only after {@link #passed}. */
  List<GaugeSample> worthPassing(List<GaugeSample> samples) {
    List<GaugeSample> worth = new ArrayList<>();
    for (GaugeSample sample : samples) {
      GaugeSample last = passed.get(sample.labels());
      boolean repeated =
          last != null
              && Double.doubleToRawLongBits(last.value())
                  == Double.doubleToRawLongBits(sample.value())
              && Math.abs(sample.timeMs() - last.timeMs()) < everyMs;
      if (!repeated) {
        worth.add(sample);
      }
    }
    return worth;
  }

  void passed(List<GaugeSample> samples, long nowMs) {
    for (GaugeSample sample : samples) {
      if (StaleMarker.is(sample.value())) {
        passed.remove(sample.labels());
      } else {
        passed.put(sample.labels(), sample);
      }
    }
    // What would be passed again anyway need not be remembered: its group may be somebody else's.
    if (Math.abs(nowMs - sweptMs) > everyMs) {
      sweptMs = nowMs;
      passed.values().removeIf(sample -> Math.abs(nowMs - sample.timeMs()) > 2 * everyMs);
    }
  }

  void clear() {
    passed.clear();
  }
}
