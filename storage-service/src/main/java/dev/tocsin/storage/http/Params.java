package dev.tocsin.storage.http;

import dev.tocsin.common.http.Problem;
import dev.tocsin.common.http.ProblemException;
import dev.tocsin.storage.ports.QueryLimits;
import dev.tocsin.storage.ports.TimeRange;
import io.vertx.core.MultiMap;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Query parameters, each read with its expectation; a bad one is a 400 naming both. */
final class Params {
  private static final Duration RANGE_DEFAULT = Duration.ofHours(1);
  private static final Duration DURATION_MAX = Duration.ofDays(3_650);
  private static final Duration CLOCK_AHEAD = Duration.ofMinutes(1);

  /** Filters of which several may be given; each of them holds. */
  private static final Set<String> REPEATABLE =
      Set.of("attribute", "q", "contains", "not_contains", "regex", "not_regex");

  private static final int REPEATED_MAX = 20;

  private final MultiMap params;
  private final QueryLimits limits;
  private final Instant now;

  /**
   * @param known every parameter of the route; any other is refused
   */
  Params(MultiMap params, QueryLimits limits, InstantSource clock, Set<String> known) {
    this.params = params;
    this.limits = limits;
    this.now = clock.instant();
    for (String name : params.names()) {
      if (!known.contains(name)) {
        throw bad(
            name,
            String.valueOf(params.get(name)),
            "one of " + String.join(", ", new TreeSet<>(known)));
      }
      int times = params.getAll(name).size();
      int timesMax = REPEATABLE.contains(name) ? REPEATED_MAX : 1;
      if (times > timesMax) {
        // Taking one of them would answer what was not asked.
        throw bad(
            name,
            times + " of them",
            timesMax == 1 ? "one" : "at most " + timesMax + " conditions");
      }
    }
  }

  static ProblemException bad(String name, String value, String expected) {
    String shown = value.length() > 100 ? value.substring(0, 100) + "..." : value;
    return new ProblemException(
        Problem.badRequest(name + ": " + shown + " (expected: " + expected + ")"));
  }

  /** For what a constructor refused with a sentence that names value and expectation. */
  static ProblemException refused(String name, IllegalArgumentException refusal) {
    return new ProblemException(Problem.badRequest(name + ": " + refusal.getMessage()));
  }

  String text(String name) {
    String value = params.get(name);
    return value == null ? "" : value;
  }

  List<String> texts(String name) {
    return params.getAll(name);
  }

  /** Each of a parameter that may be repeated, without empty ones, at most so long. */
  List<String> texts(String name, int charactersMax) {
    List<String> texts = params.getAll(name).stream().filter(text -> !text.isEmpty()).toList();
    for (String text : texts) {
      if (text.length() > charactersMax) {
        throw bad(name, text, "at most " + charactersMax + " characters");
      }
    }
    return texts;
  }

  int limit(int fallback) {
    return integer("limit", Math.min(fallback, limits.rowsMax()), limits.rowsMax());
  }

  /** From 1 to the most. */
  int integer(String name, int fallback, int max) {
    String value = params.get(name);
    if (value == null) {
      return fallback;
    }
    try {
      int number = Integer.parseInt(value);
      if (number >= 1 && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw bad(name, value, "1-" + max);
    }
    throw bad(name, value, "1-" + max);
  }

  boolean flag(String name, boolean fallback) {
    String value = params.get(name);
    if (value == null) {
      return fallback;
    }
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw bad(name, value, "true or false");
    };
  }

  /** {@code start} and {@code end}; by default the last hour. */
  TimeRange range() {
    Instant end = time("end").orElse(now.plus(CLOCK_AHEAD));
    Instant start = time("start").orElse(end.minus(RANGE_DEFAULT));
    if (end.isBefore(start)) {
      throw bad("end", end.toString(), "not before start " + start);
    }
    if (Duration.between(start, end).compareTo(limits.rangeMax()) > 0) {
      throw bad(
          "start", start.toString(), "at most " + limits.rangeMax().toHours() + "h before end");
    }
    return new TimeRange(start, end);
  }

  Optional<Instant> time(String name) {
    String value = params.get(name);
    return value == null ? Optional.empty() : Optional.of(parseTime(name, value, now));
  }

  private static Instant parseTime(String name, String value, Instant now) {
    String expected =
        "a time such as 2026-11-23T10:00:00Z, unix seconds, or -10m for ten minutes ago";
    Optional<Instant> ago = RelativeTime.parse(value, now);
    if (ago.isPresent()) {
      return bounded(name, value, ago.get());
    }
    try {
      if (value.indexOf('T') > 0 || value.indexOf('t') > 0) {
        return bounded(name, value, OffsetDateTime.parse(value).toInstant());
      }
      BigDecimal seconds = new BigDecimal(value);
      if (seconds.precision() - seconds.scale() > 12 || Math.abs(seconds.scale()) > 30) {
        throw bad(name, value, expected);
      }
      // Nanoseconds tell one span's start from the next; milliseconds do not.
      BigDecimal whole = seconds.setScale(0, RoundingMode.FLOOR);
      long nanos = seconds.subtract(whole).movePointRight(9).longValue();
      return bounded(name, value, Instant.ofEpochSecond(whole.longValue(), nanos));
    } catch (DateTimeParseException | NumberFormatException e) {
      throw bad(name, value, expected);
    }
  }

  /** Times that neither Java's nanoseconds nor the database could hold. */
  private static Instant bounded(String name, String value, Instant at) {
    if (at.isBefore(Instant.EPOCH) || at.isAfter(Instant.parse("2200-01-01T00:00:00Z"))) {
      throw bad(name, value, "a time between 1970 and 2200");
    }
    return at;
  }

  Optional<Duration> duration(String name) {
    String value = params.get(name);
    if (value == null) {
      return Optional.empty();
    }
    Optional<Duration> duration = GoDurations.parse(value);
    if (duration.isEmpty() || duration.get().compareTo(DURATION_MAX) > 0) {
      throw bad(name, value, GoDurations.EXAMPLES + ", at most 3650d");
    }
    return duration;
  }

  /** The place of a name in a list, such as a status or a span kind, in any case. */
  Optional<Integer> choice(String name, List<String> names) {
    String value = params.get(name);
    if (value == null) {
      return Optional.empty();
    }
    int index = names.indexOf(value.toLowerCase(Locale.ROOT));
    if (index < 0) {
      throw bad(name, value, "one of " + String.join(", ", names));
    }
    return Optional.of(index);
  }
}
