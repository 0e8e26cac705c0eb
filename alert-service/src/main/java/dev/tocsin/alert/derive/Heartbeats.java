package dev.tocsin.alert.derive;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Thins the resources seen to one heartbeat an interval for each job and instance. Memory of what
 * was sent is a saving only: losing it sends a heartbeat too many. Who is known keeps a place until
 * it has been silent for a while, so that a flood of new instances cannot make old ones look dead.
 */
final class Heartbeats {
  /** One heartbeat to send. */
  record Beat(String job, String instance) {
    static Beat of(ResourceIdentity resource) {
      return new Beat(resource.job(), resource.instance());
    }

    /** Decides the partition; see {@link RedBatch.Key#seriesHash}. */
    int seriesHash() {
      return 31 * job.hashCode() + instance.hashCode();
    }
  }

  private static final int SILENT_INTERVALS = 60;

  private final long intervalMs;
  private final int instancesMax;
  private final Map<Beat, Long> sent = new HashMap<>();
  private long dropped;

  Heartbeats(long intervalMs, int instancesMax) {
    this.intervalMs = intervalMs;
    this.instancesMax = instancesMax;
  }

  /** Those of the beats that are to be sent; ask once for what is sent together. */
  List<Beat> due(Set<Beat> seen, long nowMs) {
    if (sent.size() + seen.size() > instancesMax) {
      sent.values().removeIf(at -> nowMs < at || nowMs - at > SILENT_INTERVALS * intervalMs);
    }
    List<Beat> due = new ArrayList<>();
    int places = instancesMax - sent.size();
    for (Beat beat : seen) {
      Long last = sent.get(beat);
      if (last == null && places <= 0) {
        dropped++;
      } else if (last == null) {
        places--;
        due.add(beat);
        // A clock that was set back must not silence anybody until it has caught up.
      } else if (nowMs < last || nowMs - last >= intervalMs) {
        due.add(beat);
      }
    }
    return due;
  }

  /** These are with Kafka. */
  void sent(Collection<Beat> beats, long nowMs) {
    beats.forEach(beat -> sent.put(beat, nowMs));
  }

  /** Heartbeats left out because too many instances report. */
  long dropped() {
    return dropped;
  }
}
