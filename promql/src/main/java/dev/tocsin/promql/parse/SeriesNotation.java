package dev.tocsin.promql.parse;

import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.histogram.HistogramSum;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.StaleMarker;
import dev.tocsin.promql.text.Numbers;
import dev.tocsin.promql.text.PromqlException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The notation of test series: {@code name{labels} 1 2+3x4 _ stale {{schema:0 ...}}}. */
public final class SeriesNotation {
  private static final int POINTS_MAX = 1_000_000;

  /**
   * A point of a test series.
   *
   * @param omitted whether there is no sample
   * @param hinted whether the counter reset hint of the histogram was written
   */
  public record Point(
      double value, @Nullable Histogram histogram, boolean omitted, boolean hinted) {
    static final Point NONE = new Point(0, null, true, false);
  }

  /** A series and its points, one per step. */
  public record Line(Labels labels, List<Point> points) {}

  private SeriesNotation() {}

  /**
   * @throws PromqlException of kind PARSE when the line is malformed
   */
  public static Line parse(String line) {
    String text = line.strip();
    int end = seriesEnd(text);
    Labels labels = ExprParser.parseSeries(text.substring(0, end));
    return new Line(labels, points(text.substring(end)));
  }

  private static int seriesEnd(String text) {
    char quote = 0;
    int depth = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quote != 0) {
        if (c == '\\' && quote != '`') {
          i++;
        } else if (c == quote) {
          quote = 0;
        }
      } else if (c == '"' || c == '\'' || c == '`') {
        quote = c;
      } else if (c == '{') {
        depth++;
      } else if (c == '}') {
        depth--;
      } else if (depth == 0 && Character.isWhitespace(c) && !opensBraces(text, i)) {
        return i;
      }
    }
    return text.length();
  }

  /** Whether what follows the blank is the label set, not a histogram. */
  private static boolean opensBraces(String text, int from) {
    String rest = text.substring(from).stripLeading();
    return rest.startsWith("{") && !rest.startsWith("{{") && text.indexOf('{') >= from;
  }

  /** Only the points, without a series before them. */
  public static List<Point> points(String text) {
    List<Point> points = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      if (Character.isWhitespace(text.charAt(at))) {
        at++;
        continue;
      }
      int end = itemEnd(text, at);
      item(text.substring(at, end), points);
      at = end;
    }
    return points;
  }

  private static int itemEnd(String text, int from) {
    boolean inHistogram = false;
    int at = from;
    while (at < text.length()) {
      if (text.startsWith("{{", at)) {
        inHistogram = true;
      } else if (text.startsWith("}}", at)) {
        inHistogram = false;
        at++;
      } else if (!inHistogram && Character.isWhitespace(text.charAt(at))) {
        break;
      }
      at++;
    }
    return at;
  }

  private static void item(String item, List<Point> points) {
    if (item.startsWith("{{")) {
      histograms(item, points);
      return;
    }
    int times = item.lastIndexOf('x');
    String head = times < 0 ? item : item.substring(0, times);
    int repeats = times < 0 ? 0 : repeats(item.substring(times + 1), item);
    if (head.equals("_")) {
      for (int i = 0; i < (times < 0 ? 1 : repeats); i++) {
        points.add(Point.NONE);
      }
      return;
    }
    int sign = stepSign(head);
    double value = number(sign < 0 ? head : head.substring(0, sign), item);
    double step = sign < 0 ? 0 : number(head.substring(sign), item);
    for (int i = 0; i <= repeats; i++) {
      points.add(new Point(value, null, false, false));
      value += step;
    }
  }

  private static int repeats(String text, String item) {
    try {
      int repeats = Integer.parseInt(text);
      if (repeats >= 0 && repeats <= POINTS_MAX) {
        return repeats;
      }
    } catch (NumberFormatException e) {
      throw malformed(item, "invalid repetition in series values");
    }
    throw malformed(item, "invalid repetition in series values");
  }

  /** Where the sign of {@code a+b} stands; not that of a number or an exponent. */
  private static int stepSign(String text) {
    for (int i = 1; i < text.length(); i++) {
      char c = text.charAt(i);
      char before = Character.toLowerCase(text.charAt(i - 1));
      boolean hex = text.startsWith("0x");
      if ((c == '+' || c == '-') && (before != 'e' || hex)) {
        return i;
      }
    }
    return -1;
  }

  private static double number(String text, String item) {
    if (text.equals("stale")) {
      return StaleMarker.VALUE;
    }
    boolean signed = text.startsWith("+") || text.startsWith("-");
    String digits = signed ? text.substring(1) : text;
    Double value = Numbers.parse(digits);
    if (value == null) {
      Long millis = Durations.parseMillis(digits);
      value = millis == null ? null : (Double) (millis / 1000.0);
    }
    if (value == null) {
      throw malformed(item, "expected number or \"stale\"");
    }
    return text.startsWith("-") ? -value : value;
  }

  private static void histograms(String item, List<Point> points) {
    int close = item.indexOf("}}") + 2;
    if (close < 2) {
      throw malformed(item, "unclosed histogram");
    }
    HistogramNotation.Parsed first = HistogramNotation.parse(item.substring(0, close));
    String rest = item.substring(close);
    int times = rest.lastIndexOf('x');
    if (rest.isEmpty()) {
      points.add(new Point(0, first.histogram(), false, first.hinted()));
      return;
    } else if (times < 0) {
      throw malformed(item, "expected repetition");
    }
    int repeats = repeats(rest.substring(times + 1), item);
    boolean subtracts = rest.startsWith("-");
    HistogramNotation.Parsed step =
        times == 0 ? null : HistogramNotation.parse(rest.substring(1, times));
    Histogram value = first.histogram();
    boolean hinted = step == null ? first.hinted() : step.hinted();
    for (int i = 0; i <= repeats; i++) {
      points.add(new Point(0, value, false, hinted));
      if (step != null && i < repeats) {
        Histogram change =
            subtracts
                ? step.histogram().times(-1).withHint(step.histogram().hint())
                : step.histogram();
        HistogramSum sum = HistogramSum.of(value, change);
        if (sum == null || value.schema() > change.schema()) {
          throw malformed(item, "error combining histograms");
        }
        value = sum.result();
      }
    }
  }

  static PromqlException malformed(String item, String message) {
    return new PromqlException(
        PromqlException.Kind.PARSE, 0, "series values: " + message + ": " + item);
  }
}
