package dev.tocsin.promql.template;

import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A UTC time with the methods of Go's time.Time that give one value. */
record GoTime(ZonedDateTime time) {
  /** Seconds from Go's zero time, the start of year 1, to 1970: what Truncate counts from. */
  private static final long ZERO_SECONDS = 62_135_596_800L;

  /** Pieces of Go's reference time, longer before shorter, and the pattern of each. */
  private static final String[][] PIECES = {
    {"2006", "uuuu"},
    {"January", "MMMM"},
    {"Jan", "MMM"},
    {"Monday", "EEEE"},
    {"Mon", "EEE"},
    {"MST", "'UTC'"},
    {"002", "DDD"},
    {"01", "MM"},
    {"02", "dd"},
    {"03", "hh"},
    {"04", "mm"},
    {"05", "ss"},
    {"06", "uu"},
    {"_2", "ppd"},
    {"15", "HH"},
    {"-07:00:00", "'+00:00:00'"},
    {"-070000", "'+000000'"},
    {"-07:00", "'+00:00'"},
    {"-0700", "'+0000'"},
    {"-07", "'+00'"},
    {"Z07:00:00", "'Z'"},
    {"Z070000", "'Z'"},
    {"Z07:00", "'Z'"},
    {"Z0700", "'Z'"},
    {"Z07", "'Z'"},
    {"PM", "a"},
    {"pm", "a"},
    {"1", "M"},
    {"2", "d"},
    {"3", "h"},
    {"4", "m"},
    {"5", "s"},
  };

  static GoTime ofSeconds(double seconds) {
    double bounded = Math.max(-9.2e9, Math.min(9.2e9, seconds));
    long millis = Math.floorDiv((long) (bounded * 1e9), 1_000_000L);
    return new GoTime(Instant.ofEpochMilli(millis).atZone(ZoneOffset.UTC));
  }

  Object method(String name, List<@Nullable Object> arguments) {
    MethodArguments given = new MethodArguments(name, arguments);
    try {
      return switch (name) {
        case "Format" -> format(given.text());
        case "Add" -> new GoTime(time.plusNanos(given.duration().nanos()));
        case "AddDate" ->
            new GoTime(
                time.plusMonths(12L * given.whole(0, 3) + given.whole(1, 3))
                    .plusDays(given.whole(2, 3)));
        case "Sub" -> new GoDuration(Duration.between(given.time().time, time).toNanos());
        case "Truncate" -> truncated(given.duration(), false);
        case "Round" -> truncated(given.duration(), true);
        case "Before" -> time.isBefore(given.time().time);
        case "After" -> time.isAfter(given.time().time);
        case "Equal" -> time.isEqual(given.time().time);
        case "Compare" -> (long) Integer.signum(time.compareTo(given.time().time));
        default -> {
          given.none();
          yield property(name);
        }
      };
    } catch (DateTimeException | ArithmeticException e) {
      throw new TemplateException("error calling " + name + ": the time is out of range");
    }
  }

  private Object property(String name) {
    Instant instant = time.toInstant();
    return switch (name) {
      case "Unix" -> time.toEpochSecond();
      case "UnixMilli" -> instant.toEpochMilli();
      case "UnixMicro" -> Math.floorDiv(nanos(), 1_000L);
      case "UnixNano" -> nanos();
      case "Year" -> (long) time.getYear();
      case "Month" -> format("January");
      case "Day" -> (long) time.getDayOfMonth();
      case "Hour" -> (long) time.getHour();
      case "Minute" -> (long) time.getMinute();
      case "Second" -> (long) time.getSecond();
      case "Nanosecond" -> (long) time.getNano();
      case "Weekday" -> format("Monday");
      case "YearDay" -> (long) time.getDayOfYear();
      case "IsZero" -> time.toEpochSecond() == -ZERO_SECONDS && time.getNano() == 0;
      case "UTC", "Local" -> this;
      case "String" -> toString();
      default -> throw MethodArguments.unknown(name, "*time.Time");
    };
  }

  private long nanos() {
    return Math.addExact(
        Math.multiplyExact(time.toEpochSecond(), 1_000_000_000L), (long) time.getNano());
  }

  /** Down to a multiple of a span since Go's zero time, or to the nearest, halves up. */
  private GoTime truncated(GoDuration unit, boolean nearest) {
    if (unit.nanos() <= 0) {
      return this;
    }
    long rest =
        BigInteger.valueOf(time.toEpochSecond() + ZERO_SECONDS)
            .multiply(BigInteger.valueOf(1_000_000_000L))
            .add(BigInteger.valueOf(time.getNano()))
            .mod(BigInteger.valueOf(unit.nanos()))
            .longValueExact();
    boolean up = nearest && rest >= unit.nanos() - rest;
    return new GoTime(time.plusNanos(up ? unit.nanos() - rest : -rest));
  }

  /** Go's reference-time layouts. */
  private String format(String layout) {
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (at < layout.length()) {
      int digits = fraction(layout, at);
      if (digits > 0) {
        appendFraction(out, layout, at, digits);
        at += digits + 1;
        continue;
      }
      String @Nullable [] piece = piece(layout, at);
      if (piece == null) {
        out.append(layout.charAt(at++));
        continue;
      }
      String text = DateTimeFormatter.ofPattern(piece[1], Locale.ENGLISH).format(time);
      out.append(piece[0].equals("pm") ? text.toLowerCase(Locale.ENGLISH) : text);
      at += piece[0].length();
    }
    return out.toString();
  }

  private static String @Nullable [] piece(String layout, int at) {
    for (String[] piece : PIECES) {
      if (layout.startsWith(piece[0], at)) {
        return piece;
      }
    }
    return null;
  }

  /** How many zeros or nines follow a dot or comma here; 0 when this is no fraction. */
  private static int fraction(String layout, int at) {
    if (layout.charAt(at) != '.' && layout.charAt(at) != ',') {
      return 0;
    }
    int end = at + 1;
    char digit = end < layout.length() ? layout.charAt(end) : ' ';
    while (end < layout.length() && layout.charAt(end) == digit) {
      end++;
    }
    boolean alone = end == layout.length() || !Character.isDigit(layout.charAt(end));
    return (digit == '0' || digit == '9') && alone && end - at - 1 <= 9 ? end - at - 1 : 0;
  }

  private void appendFraction(StringBuilder out, String layout, int at, int digits) {
    String text = String.format(Locale.ROOT, "%09d", time.getNano()).substring(0, digits);
    if (layout.charAt(at + 1) == '9') {
      text = text.replaceFirst("0+$", "");
    }
    if (!text.isEmpty()) {
      out.append(layout.charAt(at)).append(text);
    }
  }

  /** As Go prints it: fractions of a second only where there are any. */
  @Override
  public String toString() {
    return format("2006-01-02 15:04:05.999999999") + " +0000 UTC";
  }
}
