package dev.tocsin.alert.derive;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Thins the resources seen to one heartbeat an interval for each job and instance. Memory of what
 * was sent is a saving only: losing it sends a heartbeat too many.
 */
final class Heartbeats {
  /** One heartbeat to send. */
  record Beat(String job, String instance) {}

  private final long intervalMs;
  private final int instancesMax;
  private final Map<Beat, Long> sent = new HashMap<>();
  private final Set<Beat> due = new LinkedHashSet<>();
  private long dropped;

  Heartbeats(long intervalMs, int instancesMax) {
    this.intervalMs = intervalMs;
    this.instancesMax = instancesMax;
  }

  void seen(ResourceIdentity resource, long nowMs) {
    Beat beat = new Beat(resource.job(), resource.instance());
    Long last = sent.get(beat);
    if (last != null && nowMs - last < intervalMs) {
      return;
    }
    if (last == null && sent.size() >= instancesMax) {
      sent.values().removeIf(at -> nowMs - at > intervalMs);
      if (sent.size() >= instancesMax) {
        dropped++;
        return;
      }
    }
    sent.put(beat, nowMs);
    due.add(beat);
  }

  /** What is due, once. */
  List<Beat> take() {
    List<Beat> beats = new ArrayList<>(due);
    due.clear();
    return beats;
  }

  /** Heartbeats left out because too many instances report. */
  long dropped() {
    return dropped;
  }
}
