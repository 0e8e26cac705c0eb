package dev.tocsin.common.kafka;

import dev.tocsin.common.runtime.Health;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * How far a consumer is, partition by partition: whether what waits is worked off is the one
 * question its health answers. Written by the consuming thread, read by any.
 */
final class Progress {
  /** Records may wait this long without one of them becoming durable. */
  static final Duration STALLED_AFTER = Duration.ofSeconds(30);

  private final Map<TopicPartition, Place> places = new HashMap<>();
  private String cause = "";
  private long failingSinceNanos;
  private @Nullable Long blindSinceNanos;

  private static final class Place {
    long durable;

    /** The furthest it has been: to get there once more after a failure is no progress. */
    long best;

    long end;
    long movedNanos;

    Place(long durable, long nowNanos) {
      this.durable = durable;
      this.best = durable;
      this.end = durable;
      this.movedNanos = nowNanos;
    }
  }

  /**
   * A partition begins at this offset.
   *
   * @param afresh whether that is as it should be; else it is one more try, and no progress
   */
  synchronized void begun(TopicPartition partition, long offset, boolean afresh, long nowNanos) {
    Place place = places.get(partition);
    if (place == null || afresh) {
      places.put(partition, new Place(offset, nowNanos));
    } else {
      place.durable = offset;
    }
  }

  /** Everything before the offset is done with. */
  synchronized void durable(TopicPartition partition, long offset, long nowNanos) {
    Place place = places.get(partition);
    if (place != null && offset > place.durable) {
      place.durable = offset;
      place.movedNanos = offset > place.best ? nowNanos : place.movedNanos;
      place.best = Math.max(place.best, offset);
    }
  }

  /** Where partitions end now. */
  synchronized void ends(Map<TopicPartition, Long> ends, long nowNanos) {
    blindSinceNanos = null;
    ends.forEach(
        (partition, end) -> {
          Place place = places.get(partition);
          if (place != null) {
            place.end = end;
            place.movedNanos = end > place.durable ? place.movedNanos : nowNanos;
          }
        });
  }

  /** Where partitions end cannot be asked. */
  synchronized void blind(long nowNanos) {
    blindSinceNanos = blindSinceNanos == null ? Long.valueOf(nowNanos) : blindSinceNanos;
  }

  synchronized void gone(Collection<TopicPartition> partitions) {
    places.keySet().removeAll(partitions);
  }

  synchronized void retain(Collection<TopicPartition> partitions) {
    places.keySet().retainAll(partitions);
  }

  /** Why the last attempt failed; empty when it did not. */
  synchronized void cause(String text, long nowNanos) {
    if (cause.isEmpty()) {
      failingSinceNanos = nowNanos;
    }
    cause = text;
  }

  /** Records that are not done with yet. */
  synchronized long lag() {
    return places.values().stream()
        .mapToLong(place -> Math.max(0, place.end - place.durable))
        .sum();
  }

  synchronized Health check(String name, long nowNanos) {
    List<String> stalled = new ArrayList<>();
    places.forEach(
        (partition, place) -> {
          long still = nowNanos - place.movedNanos;
          if (place.end > place.durable && still > STALLED_AFTER.toNanos()) {
            stalled.add(
                "%s: %s stands at offset %d for %d s while %d wait%s%s"
                    .formatted(
                        name,
                        partition,
                        place.durable,
                        Duration.ofNanos(still).toSeconds(),
                        place.end - place.durable,
                        place.end - place.durable == 1 ? "s" : "",
                        cause.isEmpty() ? "" : ": " + cause));
          }
        });
    if (!stalled.isEmpty()) {
      return new Health.Unhealthy(stalled.stream().sorted().toList());
    }
    if (!cause.isEmpty()) {
      Duration failing = Duration.ofNanos(nowNanos - failingSinceNanos);
      return places.isEmpty() && failing.compareTo(STALLED_AFTER) > 0
          ? Health.unhealthy(name + ": cannot begin for " + failing.toSeconds() + " s: " + cause)
          : Health.degraded(name + ": " + cause);
    }
    boolean blind = blindSinceNanos != null && nowNanos - blindSinceNanos > STALLED_AFTER.toNanos();
    return blind
        ? Health.degraded(name + ": Kafka does not tell how many records wait")
        : Health.healthy();
  }
}
