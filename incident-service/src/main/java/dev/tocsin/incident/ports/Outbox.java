package dev.tocsin.incident.ports;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Notifications on their way out. A claimed one is leased: unless it is settled before the lease
 * ends, it is claimed again with the same id. The notifications of a channel are claimed in the
 * order in which they were written; what failed comes again when it is due, and those of one
 * incident to one target are claimed one at a time. One that the destination's rate holds back
 * (deferred as {@code THROTTLED}, or to be retried as {@code RATE_LIMITED}) holds back all that
 * were written later.
 */
public interface Outbox {

  /**
   * A leased notification.
   *
   * @param lease tells this claim from a later one of the same notification
   * @param attempt counted from 1
   * @param age since it was written
   * @param paged whether a page may have reached the same target before
   */
  record Claim(Message message, long lease, int attempt, Duration age, boolean paged) {}

  /**
   * What is waiting in a channel.
   *
   * @param oldest how long the oldest has waited; zero when none does
   * @param reason why the oldest was not taken the last time; empty when it was not tried
   */
  record Backlog(int open, Optional<Duration> untilNext, Duration oldest, String reason) {}

  /**
   * Leases up to that many due notifications of a channel, in order; other instances get others.
   */
  Future<List<Claim>> claim(String channel, int max, Duration lease);

  /** The provider has it. False when the claim was lost to a later one. */
  Future<Boolean> accepted(Claim claim, String channel, String detail);

  /** It failed and is due again after that wait. */
  Future<Boolean> retry(Claim claim, Outcome.Reason reason, String detail, Duration wait);

  /** It will never be delivered; the timeline says so. */
  Future<Boolean> dead(Claim claim, String channel, Outcome.Reason reason, String detail);

  /**
   * A page was refused for good. It is dead, unless no other page of the incident is under way or
   * has been taken, at the last step: then it is due again after that wait.
   *
   * @return whether it is tried again
   */
  Future<Boolean> refused(
      Claim claim, String channel, Outcome.Reason reason, String detail, Duration wait);

  /** It is not needed any more; the attempt is not counted. */
  Future<Boolean> superseded(Claim claim, String detail);

  /** Nothing was sent; it is due again after that wait and the attempt is not counted. */
  Future<Boolean> deferred(Claim claim, Outcome.Reason reason, Duration wait);

  /**
   * How many are open, and when the next is due. What was to wait when the clock was set back waits
   * as long as it was to, from now on: to be asked again and again.
   */
  Future<Backlog> backlog(String channel);
}
