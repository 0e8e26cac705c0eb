package dev.tocsin.alert.window;

import dev.tocsin.alert.window.LiveWindow.Refusal;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts the samples that a window did not take. Thread-safe: whoever asks how the process is reads
 * it without waiting for the window's lock.
 */
final class Refusals {
  private final Map<Refusal, LongAdder> counters = new EnumMap<>(Refusal.class);

  Refusals() {
    for (Refusal reason : Refusal.values()) {
      counters.put(reason, new LongAdder());
    }
  }

  void add(Refusal reason, int samples) {
    Objects.requireNonNull(counters.get(reason)).add(samples);
  }

  /** So far, by reason; reasons there was none for are left out. */
  Map<Refusal, Long> counts() {
    Map<Refusal, Long> counts = new EnumMap<>(Refusal.class);
    counters.forEach(
        (reason, samples) -> {
          if (samples.sum() > 0) {
            counts.put(reason, samples.sum());
          }
        });
    return counts;
  }
}
