package dev.tocsin.promql.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A time span with the methods of Go's time.Duration. */
record GoDuration(long nanos) {
  static final double NANOS_PER_SECOND = 1e9;

  static GoDuration ofSeconds(double seconds) {
    return new GoDuration((long) (seconds * NANOS_PER_SECOND));
  }

  Object method(String name, List<@Nullable Object> arguments) {
    MethodArguments given = new MethodArguments(name, arguments);
    return switch (name) {
      case "Round" -> rounded(given.duration());
      case "Truncate" -> truncated(given.duration());
      default -> {
        given.none();
        yield property(name);
      }
    };
  }

  private Object property(String name) {
    return switch (name) {
      case "Nanoseconds" -> nanos;
      case "Microseconds" -> nanos / 1_000;
      case "Milliseconds" -> nanos / 1_000_000;
      case "Seconds" -> nanos / NANOS_PER_SECOND;
      case "Minutes" -> nanos / (60 * NANOS_PER_SECOND);
      case "Hours" -> nanos / (3600 * NANOS_PER_SECOND);
      case "Abs" -> new GoDuration(Math.abs(nanos));
      case "String" -> toString();
      default -> throw MethodArguments.unknown(name, "*time.Duration");
    };
  }

  private GoDuration truncated(GoDuration unit) {
    return unit.nanos <= 0 ? this : new GoDuration(nanos - nanos % unit.nanos);
  }

  /** To the nearest multiple, halves away from zero. */
  private GoDuration rounded(GoDuration unit) {
    if (unit.nanos <= 0) {
      return this;
    }
    long rest = Math.abs(nanos % unit.nanos);
    long down = Math.abs(nanos) - rest;
    long size = rest < unit.nanos - rest ? down : down + unit.nanos;
    return new GoDuration(nanos < 0 ? -size : size);
  }

  /** As Go prints it: {@code 1h2m3s}, {@code 1.5s}, {@code 20ms}. */
  @Override
  public String toString() {
    if (nanos == 0) {
      return "0s";
    }
    double size = Math.abs((double) nanos);
    String sign = nanos < 0 ? "-" : "";
    if (size < NANOS_PER_SECOND) {
      boolean millis = size >= 1e6;
      boolean micros = size >= 1e3;
      double scaled = size / (millis ? 1e6 : micros ? 1e3 : 1);
      return sign + GoFormat.floating('g', scaled, -1) + (millis ? "ms" : micros ? "µs" : "ns");
    }
    long whole = Math.abs(nanos / 1_000_000_000);
    long hours = whole / 3600;
    long minutes = whole / 60 % 60;
    double seconds = whole % 60 + Math.abs(nanos % 1_000_000_000) / NANOS_PER_SECOND;
    String tail = GoFormat.floating('g', Math.rint(seconds * 1e9) / 1e9, -1) + "s";
    String head = hours > 0 ? hours + "h" + minutes + "m" : minutes > 0 ? minutes + "m" : "";
    return sign + head + tail;
  }
}
