package dev.tocsin.storage.write.consume;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Remembers what was entered in a catalogue within the hour, so that each flush enters only what is
 * new. Bounded; forgetting early costs a repeated upsert. Used by one thread.
 */
final class RecentlySeen<T> {
  private static final int ENTRIES_MAX = 100_000;
  private static final long AGAIN_AFTER_MS = Duration.ofHours(1).toMillis();

  private final InstantSource clock;
  private final Map<T, Long> seen =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<T, Long> eldest) {
          return size() > ENTRIES_MAX;
        }
      };

  RecentlySeen(InstantSource clock) {
    this.clock = clock;
  }

  boolean isNew(T value) {
    Long at = seen.get(value);
    return at == null || clock.millis() - at >= AGAIN_AFTER_MS;
  }

  void addAll(Collection<T> values) {
    long now = clock.millis();
    values.forEach(value -> seen.put(value, now));
  }
}
