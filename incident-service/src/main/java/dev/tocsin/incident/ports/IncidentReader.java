package dev.tocsin.incident.ports;

import dev.tocsin.incident.domain.Incident;
import dev.tocsin.incident.domain.Status;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Answers questions about incidents. */
public interface IncidentReader {

  /** A line of the history. */
  record TimelineEntry(Instant at, String kind, String actor, String text) {}

  /** One try to deliver a notification; without outcome while under way, or lost in a crash. */
  record Attempt(
      int number,
      Instant startedAt,
      @Nullable Instant finishedAt,
      @Nullable String outcome,
      @Nullable String reason,
      @Nullable String detail) {}

  /** A notification with all attempts so far. */
  record Notification(
      long id,
      String channel,
      String target,
      String transition,
      int step,
      String state,
      @Nullable String reason,
      Instant createdAt,
      @Nullable Instant finishedAt,
      List<Attempt> attempts) {}

  /** All there is to know of one incident. */
  record Detail(
      Incident incident, List<TimelineEntry> timeline, List<Notification> notifications) {}

  /**
   * The newest first.
   *
   * @param before only ids below this one
   */
  Future<List<Incident>> list(Set<Status> statuses, long before, int limit);

  Future<Optional<Detail>> detail(long id);
}
