package dev.tocsin.otlp.wire;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;

/**
 * Why a time is likely to be wrong, told by its value: what a sender needs to find his mistake. A
 * pure function.
 */
final class TimeFault {
  private static final long SECONDS_2000 = 946_684_800;
  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final Duration YEAR = Duration.ofDays(366);

  /** Longer than this nobody's clock is ahead. */
  private static final Duration AHEAD_MAX = Duration.ofDays(3_660);

  private TimeFault() {}

  /** In words that do not depend on the very value. */
  static String cause(long nanos, ItemLimits limits) {
    if (nanos == 0) {
      return "no time is set";
    }
    long seconds = Long.divideUnsigned(nanos, NANOS_PER_SECOND);
    long now = limits.now().getEpochSecond();
    if (seconds > now + AHEAD_MAX.toSeconds()) {
      return "no plausible time: not set, or not in nanoseconds since 1970";
    }
    if (seconds > now) {
      return "ahead of this clock: the sender's clock or time zone is wrong";
    }
    if (seconds >= SECONDS_2000) {
      return "older than what is kept: it is sent late, or the sender's clock is behind";
    }
    String unit = unit(nanos, now + YEAR.toSeconds());
    return unit.isEmpty()
        ? "close to 1970: not set, or counted from the start of the machine"
        : "it looks like " + unit + " (expected: nanoseconds since 1970)";
  }

  /** The unit in which a small number is a time of this century. */
  private static String unit(long value, long latestSeconds) {
    long perSecond = 1;
    for (String unit : new String[] {"seconds", "milliseconds", "microseconds"}) {
      long seconds = value / perSecond;
      if (seconds >= SECONDS_2000 && seconds <= latestSeconds) {
        return unit;
      }
      perSecond *= 1_000;
    }
    return "";
  }

  /** The value itself, as a time, and how far it is off. */
  static String example(long nanos, ItemLimits limits) {
    String number = Long.toUnsignedString(nanos);
    BigInteger[] parts =
        new BigInteger(number).divideAndRemainder(BigInteger.valueOf(NANOS_PER_SECOND));
    Instant time = Instant.ofEpochSecond(parts[0].longValue(), parts[1].longValue());
    Duration off = Duration.between(limits.now(), time);
    String distance =
        off.isNegative()
            ? ItemLimits.words(off.negated()) + " ago"
            : ItemLimits.words(off) + " ahead";
    return number + " = " + time + ", " + distance;
  }
}
