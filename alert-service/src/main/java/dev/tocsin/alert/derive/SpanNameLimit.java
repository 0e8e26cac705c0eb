package dev.tocsin.alert.derive;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * Bounds the series that spans can make: services in all, span names per service, and the memory
 * all of these names take. What comes beyond is counted under {@link #OVERFLOW}, so totals stay
 * right. Names unseen for an hour give way.
 */
final class SpanNameLimit {
  /** The name OpenTelemetry uses for what does not fit. */
  static final String OVERFLOW = "otel.metric.overflow";

  private static final long FORGET_MS = 3_600_000;
  private static final long SWEEP_MS = 60_000;

  /** A map entry with its key and time. */
  private static final long NAME_BYTES = 120;

  private final int servicesMax;
  private final int namesPerServiceMax;
  private final long namesBytesMax;
  private final Map<String, Map<String, Long>> seen = new HashMap<>();
  private long bytes;
  private long sweptMs;
  private long overflows;

  /**
   * @param namesBytesMax estimated memory of all names
   */
  SpanNameLimit(int servicesMax, int namesPerServiceMax, long namesBytesMax) {
    this.servicesMax = servicesMax;
    this.namesPerServiceMax = namesPerServiceMax;
    this.namesBytesMax = namesBytesMax;
  }

  /**
   * The key under names that may be used.
   *
   * @param calls how many spans it stands for
   */
  RedBatch.Key admit(RedBatch.Key key, long calls, long nowMs) {
    Map<String, Long> names = seen.get(key.service());
    if (names == null) {
      if (seen.size() >= servicesMax || !hasRoomFor(key.service())) {
        overflows += calls;
        return key.overflow();
      }
      names = new HashMap<>();
      seen.put(key.service(), names);
      bytes += bytesOf(key.service());
    }
    if (names.replace(key.name(), nowMs) != null) {
      return key;
    }
    if (names.size() < namesPerServiceMax && hasRoomFor(key.name())) {
      names.put(key.name(), nowMs);
      bytes += bytesOf(key.name());
      return key;
    }
    overflows += calls;
    return new RedBatch.Key(key.service(), OVERFLOW, key.kind(), key.status());
  }

  private boolean hasRoomFor(String name) {
    return bytes + bytesOf(name) <= namesBytesMax;
  }

  private static long bytesOf(String name) {
    return NAME_BYTES + 2L * name.length();
  }

  /** Makes room, at most once a minute. */
  void sweep(long nowMs) {
    // A clock that was set back must not put off the next sweep.
    if (nowMs >= sweptMs && nowMs - sweptMs < SWEEP_MS) {
      return;
    }
    sweptMs = nowMs;
    for (Iterator<Map.Entry<String, Map<String, Long>>> services = seen.entrySet().iterator();
        services.hasNext(); ) {
      Map.Entry<String, Map<String, Long>> service = services.next();
      for (Iterator<Map.Entry<String, Long>> names = service.getValue().entrySet().iterator();
          names.hasNext(); ) {
        Map.Entry<String, Long> name = names.next();
        if (nowMs - name.getValue() > FORGET_MS) {
          bytes -= bytesOf(name.getKey());
          names.remove();
        } else {
          name.setValue(Math.min(name.getValue(), nowMs));
        }
      }
      if (service.getValue().isEmpty()) {
        bytes -= bytesOf(service.getKey());
        services.remove();
      }
    }
  }

  /** How many spans have been counted under an overflow name so far. */
  long overflows() {
    return overflows;
  }
}
