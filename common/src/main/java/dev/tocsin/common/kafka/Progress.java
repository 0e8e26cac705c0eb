package dev.tocsin.common.kafka;

import dev.tocsin.common.runtime.Health;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * How far a consumer is, partition by partition. Its health answers two questions: whether what
 * waits is worked off at all, and whether it waits for long although it is. Written by the
 * consuming thread, read by any.
 */
final class Progress {
  /** Records may wait this long without one of them becoming durable. */
  static final Duration STALLED_AFTER = Duration.ofSeconds(30);

  /** Records may wait this long while others before them become durable. */
  private static final Duration LATE_AFTER = Duration.ofSeconds(30);

  /** Of each partition; an hour of looks. */
  private static final int LOOKS_KEPT = 720;

  private final Map<TopicPartition, Place> places = new HashMap<>();
  private String cause = "";
  private long failingSinceNanos;
  private @Nullable Long blindSinceNanos;

  /** Where a partition ended when it was looked at: what is before has been there since. */
  private record Look(long end, long nanos) {}

  private static final class Place {
    long durable;

    /** The furthest it has been: to get there once more after a failure is no progress. */
    long best;

    long end;
    long movedNanos;

    /** By rising ends, all beyond what is durable; kept by our own clock, as a record's differs. */
    final Deque<Look> looks = new ArrayDeque<>();

    Place(long durable, long nowNanos) {
      this.durable = durable;
      this.best = durable;
      this.end = durable;
      this.movedNanos = nowNanos;
    }

    void looked(long seen, long nowNanos) {
      end = seen;
      movedNanos = end > durable ? movedNanos : nowNanos;
      // Kafka has lost its end: nothing is there that could be waited for.
      while (!looks.isEmpty() && looks.getLast().end > end) {
        looks.removeLast();
      }
      Look last = looks.peekLast();
      boolean more = end > (last == null ? durable : last.end);
      if (more && looks.size() < LOOKS_KEPT) {
        looks.addLast(new Look(end, nowNanos));
      }
    }

    void forgetDurable() {
      while (!looks.isEmpty() && looks.getFirst().end <= durable) {
        looks.removeFirst();
      }
    }

    /** For how long the next record has been waiting at least. */
    Duration late(long nowNanos) {
      Look first = looks.peekFirst();
      return first == null ? Duration.ZERO : Duration.ofNanos(nowNanos - first.nanos);
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
      // What was thought to have failed may be stored.
      place.forgetDurable();
    }
  }

  /** Everything before the offset is done with. */
  synchronized void durable(TopicPartition partition, long offset, long nowNanos) {
    Place place = places.get(partition);
    if (place != null && offset > place.durable) {
      place.durable = offset;
      place.movedNanos = offset > place.best ? nowNanos : place.movedNanos;
      place.best = Math.max(place.best, offset);
      place.forgetDurable();
    }
  }

  /** Where partitions end now. */
  synchronized void ends(Map<TopicPartition, Long> ends, long nowNanos) {
    blindSinceNanos = null;
    ends.forEach(
        (partition, end) -> {
          Place place = places.get(partition);
          if (place != null) {
            place.looked(end, nowNanos);
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
        : punctuality(name, nowNanos);
  }

  private Health punctuality(String name, long nowNanos) {
    List<String> late = new ArrayList<>();
    places.forEach(
        (partition, place) -> {
          Duration since = place.late(nowNanos);
          if (since.compareTo(LATE_AFTER) > 0) {
            long waiting = place.end - place.durable;
            late.add(
                "%s: records of %s are taken in %d s late: %d wait%s"
                    .formatted(
                        name, partition, since.toSeconds(), waiting, waiting == 1 ? "s" : ""));
          }
        });
    return late.isEmpty() ? Health.healthy() : new Health.Degraded(late.stream().sorted().toList());
  }
}
