package dev.tocsin.promql.promqltest;

import dev.tocsin.promql.histogram.Buckets;
import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.parse.SeriesNotation;
import dev.tocsin.promql.promqltest.Script.Eval;
import dev.tocsin.promql.promqltest.Script.Expected;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.MatrixSeries;
import dev.tocsin.promql.series.StaleMarker;
import dev.tocsin.promql.series.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Compares a result with what a script expects; the reason is empty when they agree. */
final class Comparison {
  private static final double EPSILON = 1e-6;

  private Comparison() {}

  static String describe(Value value) {
    if (value instanceof Value.InstantVector vector) {
      return vector.samples().toString();
    } else if (value instanceof Value.Matrix matrix) {
      StringBuilder out = new StringBuilder();
      for (MatrixSeries series : matrix.series()) {
        out.append(series.labels());
        for (int i = 0; i < series.size(); i++) {
          Histogram histogram = series.histogram(i);
          out.append(' ')
              .append(histogram == null ? (Object) series.value(i) : histogram)
              .append('@')
              .append(series.timestampMs(i));
        }
        out.append("; ");
      }
      return out.toString();
    }
    return value.toString();
  }

  /** The step of a matrix at one time as a vector. */
  static Value at(Value.Matrix matrix, long timeMs) {
    List<Value.Sample> samples = new ArrayList<>();
    for (MatrixSeries series : matrix.series()) {
      for (int i = 0; i < series.size(); i++) {
        if (series.timestampMs(i) == timeMs) {
          samples.add(
              new Value.Sample(series.labels(), timeMs, series.value(i), series.histogram(i)));
        }
      }
    }
    return new Value.InstantVector(samples);
  }

  static String compare(Eval eval, Value value) {
    Expected expected = eval.expected();
    if (value instanceof Value.Scalar scalar) {
      return expected.scalar != null && close(expected.scalar, scalar.value())
          ? ""
          : "got " + scalar.value() + ", expected " + expected.scalar;
    } else if (value instanceof Value.StringValue string) {
      return string.value().equals(expected.string) ? "" : "got " + string.value();
    } else if (expected.scalar != null || expected.string != null) {
      return "expected a scalar or string, got " + describe(value);
    } else if (value instanceof Value.Matrix matrix) {
      long start = expected.rangeVector ? expected.rangeStartMs : eval.startMs();
      long step = expected.rangeVector ? expected.rangeStepMs : eval.stepMs();
      return matrix(expected, matrix, start, step);
    }
    return vector(expected, (Value.InstantVector) value);
  }

  private static String vector(Expected expected, Value.InstantVector vector) {
    Map<Labels, Integer> places = new HashMap<>();
    for (int i = 0; i < expected.series.size(); i++) {
      places.put(expected.series.get(i).labels(), i);
    }
    List<Value.Sample> samples = vector.samples();
    for (int i = 0; i < samples.size(); i++) {
      Value.Sample sample = samples.get(i);
      Integer place = places.get(sample.labels());
      if (place == null) {
        return "unexpected " + sample;
      } else if (expected.ordered && place != i) {
        return "expected " + sample.labels() + " at " + place + ", got it at " + i;
      }
      SeriesNotation.Point point = expected.series.get(place).points().get(0);
      if (!same(point, sample.value(), sample.histogram())) {
        return "got " + sample + ", expected " + point;
      }
    }
    return samples.size() == expected.series.size()
        ? ""
        : "expected " + expected.series.size() + " series, got " + describe(vector);
  }

  private static String matrix(Expected expected, Value.Matrix matrix, long startMs, long stepMs) {
    Map<Labels, MatrixSeries> actual = new HashMap<>();
    matrix.series().forEach(series -> actual.put(series.labels(), series));
    if (actual.size() != matrix.series().size()) {
      return "duplicate series in " + describe(matrix);
    }
    for (SeriesNotation.Line line : expected.series) {
      MatrixSeries series = actual.remove(line.labels());
      if (series == null) {
        boolean empty = line.points().stream().allMatch(SeriesNotation.Point::omitted);
        if (empty) {
          continue;
        }
        return "missing " + line.labels() + " in " + describe(matrix);
      }
      String reason = points(line, series, startMs, stepMs);
      if (!reason.isEmpty()) {
        return line.labels() + ": " + reason + " in " + describe(matrix);
      }
    }
    return actual.isEmpty() ? "" : "unexpected " + actual.keySet() + " in " + describe(matrix);
  }

  private static String points(
      SeriesNotation.Line line, MatrixSeries series, long startMs, long stepMs) {
    int at = 0;
    for (int i = 0; i < line.points().size(); i++) {
      SeriesNotation.Point point = line.points().get(i);
      if (point.omitted()) {
        continue;
      }
      long time = startMs + i * stepMs;
      if (at >= series.size() || series.timestampMs(at) != time) {
        return "no point at " + time;
      } else if (!same(point, series.value(at), series.histogram(at))) {
        return "at " + time + " expected " + point;
      }
      at++;
    }
    return at == series.size() ? "" : "more points than expected";
  }

  private static boolean same(
      SeriesNotation.Point expected, double value, @Nullable Histogram histogram) {
    Histogram wanted = expected.histogram();
    if (wanted == null || histogram == null) {
      return wanted == null && histogram == null && close(expected.value(), value);
    }
    return (!expected.hinted() || wanted.hint() == histogram.hint())
        && wanted.schema() == histogram.schema()
        && close(wanted.count(), histogram.count())
        && close(wanted.sum(), histogram.sum())
        && close(wanted.zeroCount(), histogram.zeroCount())
        && close(wanted.zeroThreshold(), histogram.zeroThreshold())
        && wanted.bounds().equals(histogram.bounds())
        && buckets(wanted.positive(), histogram.positive())
        && buckets(wanted.negative(), histogram.negative());
  }

  private static boolean buckets(Buckets a, Buckets b) {
    for (int i = 0; i < a.size(); i++) {
      if (!close(a.count(i), b.countAt(a.index(i)))) {
        return false;
      }
    }
    for (int i = 0; i < b.size(); i++) {
      if (!close(b.count(i), a.countAt(b.index(i)))) {
        return false;
      }
    }
    return true;
  }

  static boolean close(double a, double b) {
    if (StaleMarker.is(a) || StaleMarker.is(b)) {
      return StaleMarker.is(a) && StaleMarker.is(b);
    } else if (Double.isNaN(a) && Double.isNaN(b)) {
      return true;
    } else if (a == b) {
      return true;
    }
    double sum = Math.abs(a) + Math.abs(b);
    double difference = Math.abs(a - b);
    if (a == 0 || b == 0 || sum < Double.MIN_NORMAL) {
      return difference < EPSILON * Double.MIN_NORMAL;
    }
    return difference / Math.min(sum, Double.MAX_VALUE) < EPSILON;
  }
}
