package dev.tocsin.promql.template;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A UTC time with the methods of Go's time.Time that templates use. */
record GoTime(ZonedDateTime time) {
  static GoTime ofSeconds(double seconds) {
    double bounded = Math.max(-9.2e9, Math.min(9.2e9, seconds));
    long millis = Math.floorDiv((long) (bounded * 1e9), 1_000_000L);
    return new GoTime(Instant.ofEpochMilli(millis).atZone(ZoneOffset.UTC));
  }

  Object method(String name, List<@Nullable Object> arguments) {
    return switch (name) {
      case "Unix" -> time.toEpochSecond();
      case "UnixMilli" -> time.toInstant().toEpochMilli();
      case "Year" -> (long) time.getYear();
      case "Month" -> format("January");
      case "Day" -> (long) time.getDayOfMonth();
      case "Hour" -> (long) time.getHour();
      case "Minute" -> (long) time.getMinute();
      case "Second" -> (long) time.getSecond();
      case "Weekday" -> format("Monday");
      case "YearDay" -> (long) time.getDayOfYear();
      case "UTC", "Local" -> this;
      case "String" -> toString();
      case "Format" -> {
        if (arguments.size() != 1 || !(arguments.get(0) instanceof String layout)) {
          throw new TemplateException(
              "wrong number of args for Format: want 1 got " + arguments.size());
        }
        yield format(layout);
      }
      default ->
          throw new TemplateException("can't evaluate field " + name + " in type *time.Time");
    };
  }

  /** Go's reference-time layouts. */
  private String format(String layout) {
    String[][] pieces = {
      {"2006", "uuuu"},
      {"January", "MMMM"},
      {"Jan", "MMM"},
      {"Monday", "EEEE"},
      {"Mon", "EEE"},
      {"01", "MM"},
      {"02", "dd"},
      {"15", "HH"},
      {"03", "hh"},
      {"04", "mm"},
      {"05", "ss"},
      {"06", "uu"},
      {"-07:00", "xxx"},
      {"Z07:00", "XXX"},
      {"-0700", "xx"},
      {"MST", "zzz"},
      {"PM", "a"},
      {".000", ".SSS"},
      {"_2", "ppd"}
    };
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (at < layout.length()) {
      int before = at;
      for (String[] piece : pieces) {
        if (layout.startsWith(piece[0], at)) {
          out.append(DateTimeFormatter.ofPattern(piece[1], Locale.ENGLISH).format(time));
          at += piece[0].length();
          break;
        }
      }
      if (at == before) {
        out.append(layout.charAt(at++));
      }
    }
    return out.toString();
  }

  /** As Go prints it: fractions of a second only where there are any. */
  @Override
  public String toString() {
    String nanos = String.format("%09d", time.getNano()).replaceFirst("0+$", "");
    return DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ENGLISH).format(time)
        + (nanos.isEmpty() ? "" : "." + nanos)
        + " +0000 UTC";
  }
}
