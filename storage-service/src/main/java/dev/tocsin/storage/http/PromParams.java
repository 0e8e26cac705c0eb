package dev.tocsin.storage.http;

import dev.tocsin.promql.PromqlParser;
import dev.tocsin.promql.series.LabelMatcher;
import dev.tocsin.promql.text.PromqlException;
import dev.tocsin.storage.ports.MetricReader;
import dev.tocsin.storage.ports.TimeRange;
import io.vertx.core.MultiMap;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Parameters as Prometheus reads them, with its words for what is wrong. Unknown ones are passed
 * over, as Prometheus does. Form fields of a POST count beside those of the URL.
 */
final class PromParams {
  private static final Pattern DURATION =
      Pattern.compile(
          "(?:(\\d{1,9})y)?(?:(\\d{1,9})w)?(?:(\\d{1,9})d)?(?:(\\d{1,9})h)?"
              + "(?:(\\d{1,9})m)?(?:(\\d{1,9})s)?(?:(\\d{1,12})ms)?");
  private static final List<Duration> UNITS =
      List.of(
          Duration.ofDays(365),
          Duration.ofDays(7),
          Duration.ofDays(1),
          Duration.ofHours(1),
          Duration.ofMinutes(1),
          Duration.ofSeconds(1),
          Duration.ofMillis(1));
  private static final Duration DURATION_MAX = Duration.ofDays(365 * 250);
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d{1,30}(\\.\\d{0,30})?|\\.\\d{1,30})([eE][+-]?\\d{1,2})?");
  private static final Instant LAST = Instant.parse("2200-01-01T00:00:00Z");
  private static final long POINTS_MAX = 11_000;
  private static final int SELECTORS_MAX = 100;

  private final MultiMap params;
  private final Instant now;

  PromParams(MultiMap params, InstantSource clock) {
    this.params = params;
    this.now = clock.instant();
  }

  /** What is wrong with a request: {@code bad_data}. */
  static final class BadData extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BadData(String message) {
      super(message);
    }

    static BadData parameter(String name, String problem) {
      return new BadData("invalid parameter \"" + name + "\": " + problem);
    }
  }

  String query() {
    String query = params.get("query");
    if (query == null || query.isBlank()) {
      throw BadData.parameter(
          "query", "unknown position: parse error: no expression found in input");
    }
    return query;
  }

  Optional<String> text(String name) {
    String value = params.get(name);
    return value == null || value.isEmpty() ? Optional.empty() : Optional.of(value);
  }

  Instant time(String name) {
    return text(name).map(value -> time(name, value)).orElse(now);
  }

  private Instant time(String name, String value) {
    // More than Prometheus reads: it refuses such times.
    @Nullable Instant time = RelativeTime.parse(value, now).orElse(null);
    if (time == null && NUMBER.matcher(value).matches()) {
      BigDecimal millis = new BigDecimal(value).movePointRight(3);
      boolean possible = millis.precision() - millis.scale() < 18;
      time = possible ? Instant.ofEpochMilli(millis.longValue()) : null;
    } else if (time == null && value.indexOf('T') > 0) {
      try {
        time = OffsetDateTime.parse(value).toInstant();
      } catch (DateTimeParseException notOne) {
        time = null;
      }
    }
    if (time == null || time.isBefore(Instant.EPOCH) || time.isAfter(LAST)) {
      throw BadData.parameter(name, "cannot parse \"" + shown(value) + "\" to a valid timestamp");
    }
    return time;
  }

  private static String shown(String value) {
    return value.length() > 100 ? value.substring(0, 100) + "..." : value;
  }

  /** Start, end and step of a range query, in milliseconds. */
  record Steps(long startMs, long endMs, long stepMs) {}

  Steps steps() {
    long start = required("start").toEpochMilli();
    long end = required("end").toEpochMilli();
    if (end < start) {
      throw BadData.parameter("end", "end timestamp must not be before start time");
    }
    long step = duration("step").map(Duration::toMillis).orElse(0L);
    if (params.get("step") == null) {
      throw BadData.parameter("step", "cannot parse \"\" to a valid duration");
    }
    if (step <= 0) {
      throw BadData.parameter(
          "step",
          "zero or negative query resolution step widths are not accepted. Try a positive integer");
    }
    if ((end - start) / step > POINTS_MAX) {
      throw new BadData(
          "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query"
              + " resolution (?step=XX)");
    }
    return new Steps(start, end, step);
  }

  private Instant required(String name) {
    String value = params.get(name);
    return time(name, value == null ? "" : value);
  }

  /** The range of a look into the catalogue; all times unless said otherwise. */
  TimeRange range() {
    Instant start = text("start").map(value -> time("start", value)).orElse(Instant.EPOCH);
    Instant end = text("end").map(value -> time("end", value)).orElse(LAST);
    if (end.isBefore(start)) {
      throw BadData.parameter("end", "end timestamp must not be before start time");
    }
    return new TimeRange(start, end);
  }

  private Optional<Duration> duration(String name) {
    return text(name).map(value -> duration(name, value));
  }

  private static Duration duration(String name, String value) {
    if (NUMBER.matcher(value).matches()) {
      BigDecimal millis = new BigDecimal(value).movePointRight(3);
      if (millis.precision() - millis.scale() < 13) {
        return Duration.ofMillis(millis.longValue());
      }
    }
    Matcher parts = DURATION.matcher(value);
    if (!value.isEmpty() && parts.matches()) {
      Duration sum = Duration.ZERO;
      for (int i = 0; i < UNITS.size(); i++) {
        String count = parts.group(i + 1);
        sum = count == null ? sum : sum.plus(UNITS.get(i).multipliedBy(Long.parseLong(count)));
      }
      if (sum.compareTo(DURATION_MAX) <= 0) {
        return sum;
      }
    }
    throw BadData.parameter(name, "cannot parse \"" + shown(value) + "\" to a valid duration");
  }

  MetricReader.Options options() {
    return new MetricReader.Options(
        duration("timeout").filter(timeout -> !timeout.isNegative()),
        duration("lookback_delta").filter(lookback -> !lookback.isZero()));
  }

  /** Most items of the answer; 0 is none given. */
  int limit() {
    Optional<String> value = text("limit");
    if (value.isEmpty()) {
      return 0;
    }
    if (!value.get().matches("\\d{1,9}")) {
      throw BadData.parameter("limit", "limit must be non-negative");
    }
    return Integer.parseInt(value.get());
  }

  /**
   * A number of things as {@code metadata} has it, where 0 is none.
   *
   * @return at most {@code most}, which is also for none given and for negative ones
   */
  int atMost(String name, int most) {
    Optional<String> value = text(name);
    if (value.isEmpty()) {
      return most;
    }
    if (!value.get().matches("-?\\d{1,9}")) {
      throw new BadData(name + " must be a number");
    }
    int number = Integer.parseInt(value.get());
    return number < 0 ? most : Math.min(number, most);
  }

  /** The selectors of {@code match[]}. */
  List<List<LabelMatcher>> selectors() {
    List<String> texts = params.getAll("match[]");
    if (texts.size() > SELECTORS_MAX) {
      throw BadData.parameter("match[]", "more than " + SELECTORS_MAX + " selectors");
    }
    List<List<LabelMatcher>> selectors = new ArrayList<>();
    for (String text : texts) {
      try {
        selectors.add(PromqlParser.parseSelector(text));
      } catch (PromqlException e) {
        throw BadData.parameter("match[]", String.valueOf(e.getMessage()));
      }
    }
    return selectors;
  }
}
