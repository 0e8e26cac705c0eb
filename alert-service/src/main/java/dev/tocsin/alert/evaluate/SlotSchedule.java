package dev.tocsin.alert.evaluate;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * When things are due that happen once in each slot of the wall clock. A time further ahead than an
 * interval is a trace of a clock that was set back, and does not count.
 */
final class SlotSchedule {
  private static final long LATE_MAX_MS = 60_000;

  private final Map<String, Long> dueMs = new HashMap<>();

  static long slot(long nowMs, long intervalMs) {
    return nowMs - Math.floorMod(nowMs, intervalMs);
  }

  /**
   * The time to evaluate at: that of the slot, but when most of a long slot is over the present. As
   * of a time that is long past the live window has nothing to tell any more.
   */
  static long at(long nowMs, long intervalMs) {
    long slot = slot(nowMs, intervalMs);
    return nowMs - slot > LATE_MAX_MS ? nowMs : slot;
  }

  /** What is not done yet is due. */
  boolean due(String key, long intervalMs, long nowMs) {
    Long at = dueMs.get(key);
    return at == null || nowMs >= at || at - nowMs > intervalMs;
  }

  /** How many slots have gone by unused before the present one. */
  long missed(String key, long intervalMs, long nowMs) {
    Long at = dueMs.get(key);
    return at == null ? 0 : Math.max(0, (slot(nowMs, intervalMs) - at) / intervalMs);
  }

  /** Since when it has been due; the past for what was never done. */
  long since(String key) {
    return dueMs.getOrDefault(key, Long.MIN_VALUE);
  }

  /** The present slot is used. */
  void done(String key, long intervalMs, long nowMs) {
    dueMs.put(key, slot(nowMs, intervalMs) + intervalMs);
  }

  void retain(Collection<String> keys) {
    dueMs.keySet().retainAll(keys);
  }

  /** The clock was set; everything is due now. */
  void reset() {
    dueMs.clear();
  }

  /** When the first of all is due, no later than the given time. */
  long next(long latestMs) {
    long next = latestMs;
    for (long at : dueMs.values()) {
      next = Math.min(next, at);
    }
    return next;
  }
}
