package dev.tocsin.common.runtime;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The health of a duty that is done again and again: a finished round, not the absence of an error.
 * What failed is told until the same thing has gone well again; a duty of which no round has
 * finished for long is ill, whatever it said last. Thread-safe.
 */
public final class Rounds {
  private final String name;
  private final InstantSource clock;
  private final Duration silenceMax;
  private final Map<String, String> problems = new ConcurrentSkipListMap<>();
  private volatile @Nullable Instant lastFinished;

  /**
   * @param name as issues begin
   * @param silenceMax without a finished round, after which the duty counts as ill, once begun
   */
  public Rounds(String name, InstantSource clock, Duration silenceMax) {
    this.name = name;
    this.clock = clock;
    this.silenceMax = silenceMax;
  }

  /** The first round is awaited from now on. */
  public void begin() {
    lastFinished = clock.instant();
  }

  /** A part of a round went well. */
  public void well(String part) {
    problems.remove(part);
  }

  /** A part of a round failed. */
  public void failed(String part, String cause) {
    problems.put(part, cause);
  }

  /** A round came to its end, with whatever failures. */
  public void finished() {
    lastFinished = clock.instant();
  }

  public Health check() {
    Health health = Health.healthy();
    for (Map.Entry<String, String> problem : problems.entrySet()) {
      health =
          health.and(Health.degraded(name + ": " + problem.getKey() + ": " + problem.getValue()));
    }
    Instant last = lastFinished;
    if (last == null) {
      return health;
    }
    Duration silence = Duration.between(last, clock.instant());
    if (silence.compareTo(silenceMax) > 0) {
      String issue =
          "%s: no round has finished for %d s (expected: one in %d s)"
              .formatted(name, silence.toSeconds(), silenceMax.toSeconds());
      health = health.and(Health.unhealthy(issue));
    }
    return health;
  }
}
