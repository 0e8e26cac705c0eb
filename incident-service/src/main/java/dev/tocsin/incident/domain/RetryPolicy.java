package dev.tocsin.incident.domain;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * When a failed delivery is tried again: after 0, 1, 2, 5, 10, 30 and then every 60 seconds, or
 * later when the provider asks for it, until the notification is too old to matter.
 */
public record RetryPolicy(Duration giveUpAfter) {
  private static final List<Integer> DELAY_SECONDS = List.of(0, 1, 2, 5, 10, 30, 60);
  private static final Duration RETRY_AFTER_MAX = Duration.ofHours(1);
  private static final Duration REFUSED_FOR = Duration.ofMinutes(15);

  /** However old it was when it was tried first. */
  private static final int REFUSED_ATTEMPTS_MIN = 8;

  /**
   * The wait before the next attempt; empty to give up.
   *
   * @param attempts made so far, the failed one included
   * @param retryAfter what the provider asked for, zero for nothing
   * @param age since the notification was written
   */
  public Optional<Duration> next(int attempts, Duration retryAfter, Duration age) {
    int index = Math.max(0, Math.min(attempts, DELAY_SECONDS.size()) - 1);
    Duration delay = Duration.ofSeconds(DELAY_SECONDS.get(index));
    Duration asked = retryAfter.compareTo(RETRY_AFTER_MAX) > 0 ? RETRY_AFTER_MAX : retryAfter;
    Duration wait = asked.compareTo(delay) > 0 ? asked : delay;
    return age.plus(wait).compareTo(giveUpAfter) > 0 ? Optional.empty() : Optional.of(wait);
  }

  /**
   * The same after a refusal that nobody should believe at once; empty after a quarter of an hour.
   */
  public Optional<Duration> afterRefusal(int attempts, Duration age) {
    return next(attempts, Duration.ZERO, age)
        .filter(
            wait -> attempts < REFUSED_ATTEMPTS_MIN || age.plus(wait).compareTo(REFUSED_FOR) <= 0);
  }
}
