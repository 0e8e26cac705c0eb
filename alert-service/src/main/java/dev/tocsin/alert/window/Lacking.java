package dev.tocsin.alert.window;

import java.util.HashMap;
import java.util.Map;

/**
 * The metrics of which samples were refused of late for one cause.
 *
 * <p>Not thread-safe; the window's lock guards it.
 */
final class Lacking {
  /** For so long after the last refusal a metric may lack samples. */
  private static final long LACKING_MS = 300_000;

  private static final int METRICS_MAX = 1_000;

  private final Map<String, Long> refusedMs = new HashMap<>();

  void refused(String metric, long nowMs) {
    if (refusedMs.size() < METRICS_MAX || refusedMs.containsKey(metric)) {
      refusedMs.put(metric, nowMs);
    }
  }

  void forget() {
    refusedMs.clear();
  }

  void forgetOld(long nowMs) {
    refusedMs.values().removeIf(at -> Math.abs(nowMs - at) > LACKING_MS);
  }

  LiveWindow.Lack lack() {
    return refusedMs.isEmpty()
        ? LiveWindow.Lack.NONE
        : new LiveWindow.Lack(refusedMs.keySet(), refusedMs.size() >= METRICS_MAX);
  }
}
