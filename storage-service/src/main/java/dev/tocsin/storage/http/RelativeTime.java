package dev.tocsin.storage.http;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Times as people type them: {@code now}, and {@code -10m} for ten minutes ago. */
final class RelativeTime {
  private static final Duration AGO_MAX = Duration.ofDays(3_650);

  private RelativeTime() {}

  /** Empty when it is no such time, or one too long ago to mean anything. */
  static Optional<Instant> parse(String value, Instant now) {
    if (value.equals("now")) {
      return Optional.of(now);
    }
    return value.startsWith("-")
        ? GoDurations.parse(value.substring(1))
            .filter(ago -> ago.compareTo(AGO_MAX) <= 0)
            .map(now::minus)
        : Optional.empty();
  }
}
