package dev.tocsin.storage.http;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * GoDurations as Go and OpenTelemetry write them: {@code 500us}, {@code 1.5s}, {@code 1m30s},
 * {@code 2ns}, and days and weeks beside. Not as the files of configuration have them, which know
 * milliseconds and one unit.
 */
final class GoDurations {
  static final String EXAMPLES = "a duration such as 250ms, 1.5s, 1m30s, 500us or 7d";

  private static final Pattern PART =
      Pattern.compile(
          "\\s*([0-9]{1,15}(?:\\.[0-9]{0,15})?|\\.[0-9]{1,15})\\s*(ns|us|µs|μs|ms|s|m|h|d|w)\\s*",
          Pattern.CASE_INSENSITIVE);

  private static final Map<String, Long> NANOS =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "µs", 1_000L,
          "μs", 1_000L,
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "m", 60_000_000_000L,
          "h", 3_600_000_000_000L,
          "d", 86_400_000_000_000L,
          "w", 604_800_000_000_000L);

  /** Half of what nanoseconds in 64 bits can hold; longer ones mean nothing here. */
  private static final BigDecimal NANOS_MAX = BigDecimal.valueOf(Long.MAX_VALUE / 2);

  private static final int CHARACTERS_MAX = 100;

  private GoDurations() {}

  /**
   * Empty when the text is no duration; a unit is required. What is less than a nanosecond is cut.
   */
  static Optional<Duration> parse(String text) {
    if (text.isEmpty() || text.length() > CHARACTERS_MAX) {
      return Optional.empty();
    }
    BigDecimal sum = BigDecimal.ZERO;
    Matcher parts = PART.matcher(text);
    int at = 0;
    while (at < text.length()) {
      parts.region(at, text.length());
      if (!parts.lookingAt()) {
        return Optional.empty();
      }
      String unit = parts.group(2).toLowerCase(Locale.ROOT);
      sum = sum.add(new BigDecimal(parts.group(1)).multiply(BigDecimal.valueOf(nanos(unit))));
      at = parts.end();
    }
    return sum.compareTo(NANOS_MAX) > 0
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(sum.longValue()));
  }

  private static long nanos(String unit) {
    return NANOS.getOrDefault(unit, 0L);
  }
}
