package dev.tocsin.common.config;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations ({@code 250ms 30s 5m 1h 7d}) and sizes ({@code 512KiB 64MiB 2GiB}, or plain bytes). */
public final class Units {
  private static final Pattern QUANTITY = Pattern.compile("(\\d{1,15})\\s*([a-zA-Z]*)");
  private static final Map<String, Long> MILLIS =
      Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);
  private static final Map<String, Long> BYTES =
      Map.ofEntries(
          Map.entry("", 1L),
          Map.entry("b", 1L),
          Map.entry("kb", 1_000L),
          Map.entry("mb", 1_000_000L),
          Map.entry("gb", 1_000_000_000L),
          Map.entry("kib", 1L << 10),
          Map.entry("mib", 1L << 20),
          Map.entry("gib", 1L << 30),
          Map.entry("tib", 1L << 40));

  private Units() {}

  /** Empty when the text is no duration; a unit is required. */
  public static Optional<Duration> duration(String text) {
    return quantity(text, MILLIS).map(Duration::ofMillis);
  }

  /** Empty when the text is no size. */
  public static Optional<Long> bytes(String text) {
    return quantity(text, BYTES);
  }

  /** The shortest exact form, as it would be written in a configuration file. */
  public static String format(Duration duration) {
    long millis = duration.toMillis();
    if (millis % 1_000 != 0 || millis == 0) {
      return millis + "ms";
    }
    long seconds = millis / 1_000;
    if (seconds % 86_400 == 0) {
      return seconds / 86_400 + "d";
    }
    return seconds % 3_600 == 0 ? seconds / 3_600 + "h" : seconds + "s";
  }

  private static Optional<Long> quantity(String text, Map<String, Long> units) {
    Matcher matcher = QUANTITY.matcher(text.strip());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Long factor = units.get(matcher.group(2).toLowerCase(Locale.ROOT));
    if (factor == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(Math.multiplyExact(Long.parseLong(matcher.group(1)), factor));
    } catch (ArithmeticException tooLarge) {
      return Optional.empty();
    }
  }
}
