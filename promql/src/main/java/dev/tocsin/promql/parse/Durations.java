package dev.tocsin.promql.parse;

import org.jspecify.annotations.Nullable;

/** Prometheus durations: {@code 1h30m}, units y w d h m s ms in that order, each at most once. */
public final class Durations {
  private static final String[] UNITS = {"y", "w", "d", "h", "m", "s", "ms"};
  private static final long[] MILLIS = {
    31_536_000_000L, 604_800_000L, 86_400_000L, 3_600_000L, 60_000L, 1000L, 1L
  };

  private Durations() {}

  /**
   * Milliseconds of a duration such as {@code 5m}, or null when the text is none or does not fit.
   */
  public static @Nullable Long parseMillis(String text) {
    if (text.equals("0")) {
      return 0L;
    }
    long total = 0;
    int at = 0;
    int unit = -1;
    if (text.isEmpty()) {
      return null;
    }
    while (at < text.length()) {
      int digits = at;
      while (at < text.length()
          && Character.digit(text.charAt(at), 10) >= 0
          && text.charAt(at) < 0x80) {
        at++;
      }
      int next = unitAt(text, at);
      if (at == digits || at - digits > 17 || next <= unit) {
        return null;
      }
      unit = next;
      try {
        total =
            Math.addExact(
                total,
                Math.multiplyExact(Long.parseLong(text.substring(digits, at)), MILLIS[unit]));
      } catch (ArithmeticException tooLong) {
        return null;
      }
      at += UNITS[unit].length();
    }
    return total > 9_223_372_036_854L ? null : (Long) total;
  }

  private static int unitAt(String text, int at) {
    if (text.startsWith("ms", at)) {
      return 6;
    }
    for (int i = 0; i < 6; i++) {
      if (text.startsWith(UNITS[i], at)) {
        return i;
      }
    }
    return -1;
  }

  /** The duration in Prometheus's shortest notation; {@code 0s} for nothing. */
  public static String print(long millis) {
    if (millis == 0) {
      return "0s";
    }
    StringBuilder out = new StringBuilder();
    long rest = millis;
    if (rest < 0) {
      out.append('-');
      rest = -rest;
    }
    for (int i = 0; i < UNITS.length; i++) {
      boolean exactOnly = i < 3;
      long count = rest / MILLIS[i];
      if (count > 0 && (!exactOnly || rest % MILLIS[i] == 0)) {
        out.append(count).append(UNITS[i]);
        rest -= count * MILLIS[i];
      }
    }
    return out.toString();
  }
}
