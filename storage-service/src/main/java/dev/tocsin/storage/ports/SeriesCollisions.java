package dev.tocsin.storage.ports;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Series that got two values for one time of late, so that one overwrote the other: what sends them
 * is not told apart by its labels. Since this process started; the latest series only. Thread-safe.
 */
public final class SeriesCollisions {
  /** Labels may be long, and who has more to mend begins with some. */
  static final int SERIES_MAX = 100;

  private final InstantSource clock;
  private final Map<SortedMap<String, String>, Collision> latest =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(
            Map.Entry<SortedMap<String, String>, Collision> eldest) {
          return size() > SERIES_MAX;
        }
      };
  private long total;

  /**
   * A series.
   *
   * @param labels with {@code __name__}
   * @param count of values that were overwritten
   * @param seenMs when the last one was, by the clock
   */
  public record Collision(SortedMap<String, String> labels, long count, long seenMs) {}

  public SeriesCollisions(InstantSource clock) {
    this.clock = clock;
  }

  /** A value of a series was overwritten by another of the same time. */
  public synchronized void add(SortedMap<String, String> labels) {
    total++;
    Collision known = latest.get(labels);
    SortedMap<String, String> own =
        known == null ? Collections.unmodifiableSortedMap(new TreeMap<>(labels)) : known.labels;
    long count = known == null ? 1 : known.count + 1;
    latest.put(own, new Collision(own, count, clock.millis()));
  }

  /** The latest first. */
  public synchronized List<Collision> list() {
    List<Collision> all = new ArrayList<>(latest.values());
    all.sort(Comparator.comparingLong(Collision::seenMs).reversed());
    return all;
  }

  /** Values overwritten, of all series. */
  public synchronized long total() {
    return total;
  }
}
