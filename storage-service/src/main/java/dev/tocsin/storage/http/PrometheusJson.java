package dev.tocsin.storage.http;

import dev.tocsin.promql.engine.QueryResult;
import dev.tocsin.promql.histogram.Bucket;
import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.MatrixSeries;
import dev.tocsin.promql.series.Value;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * The answer to a query in Prometheus's JSON, written in pieces of some whole series, so that a
 * large one is never held as text. Used by one thread at a time.
 */
final class PrometheusJson {
  private static final int PIECE_CHARACTERS = 256 << 10;

  private final QueryResult result;
  private final int series;
  private final boolean truncated;
  private final StringBuilder out = new StringBuilder();
  private int next = -1;
  private boolean ended;

  /**
   * @param limit most series; 0 for all
   */
  PrometheusJson(QueryResult result, int limit) {
    this.result = result;
    int all = size(result.value());
    this.truncated = limit > 0 && all > limit;
    this.series = truncated ? limit : all;
  }

  private static int size(Value value) {
    if (value instanceof Value.InstantVector vector) {
      return vector.samples().size();
    }
    return value instanceof Value.Matrix matrix ? matrix.series().size() : 1;
  }

  /** Whether {@link #piece} has given everything. */
  boolean ended() {
    return ended;
  }

  /** The next piece, about a quarter of a megabyte. */
  Buffer piece() {
    out.setLength(0);
    if (next < 0) {
      begin();
      next = 0;
    }
    while (next < series && out.length() < PIECE_CHARACTERS) {
      item();
    }
    if (next >= series) {
      end();
      ended = true;
    }
    return Buffer.buffer(out.toString());
  }

  private void begin() {
    Value value = result.value();
    String type =
        value instanceof Value.Scalar
            ? "scalar"
            : value instanceof Value.StringValue
                ? "string"
                : value instanceof Value.InstantVector ? "vector" : "matrix";
    out.append("{\"status\":\"success\",\"data\":{\"resultType\":\"")
        .append(type)
        .append("\",\"result\":");
    if (isList()) {
      out.append('[');
    }
  }

  private boolean isList() {
    return result.value() instanceof Value.InstantVector || result.value() instanceof Value.Matrix;
  }

  private void item() {
    Value value = result.value();
    if (value instanceof Value.Scalar scalar) {
      appendPoint(scalar.timestampMs(), scalar.value());
    } else if (value instanceof Value.StringValue text) {
      out.append('[');
      appendSeconds(text.timestampMs());
      out.append(',').append(Json.encode(text.value())).append(']');
    } else if (value instanceof Value.InstantVector vector) {
      sample(vector.samples().get(next));
    } else if (value instanceof Value.Matrix matrix) {
      points(matrix.series().get(next));
    }
    next++;
  }

  private void sample(Value.Sample sample) {
    separate();
    out.append("{\"metric\":");
    appendLabels(sample.labels());
    Histogram histogram = sample.histogram();
    if (histogram == null) {
      out.append(",\"value\":");
      appendPoint(sample.timestampMs(), sample.value());
    } else {
      out.append(",\"histogram\":");
      appendHistogram(sample.timestampMs(), histogram);
    }
    out.append('}');
  }

  private void separate() {
    if (next > 0) {
      out.append(',');
    }
  }

  /** Floats of the series come first, then its histograms, as Prometheus has them. */
  private void points(MatrixSeries matrix) {
    separate();
    out.append("{\"metric\":");
    appendLabels(matrix.labels());
    String before = ",\"values\":[";
    boolean histograms = false;
    for (int i = 0; i < matrix.size(); i++) {
      if (matrix.histogram(i) == null) {
        out.append(before);
        appendPoint(matrix.timestampMs(i), matrix.value(i));
        before = ",";
      } else {
        histograms = true;
      }
    }
    out.append(before.equals(",") ? "]" : "");
    if (histograms) {
      before = ",\"histograms\":[";
      for (int i = 0; i < matrix.size(); i++) {
        Histogram histogram = matrix.histogram(i);
        if (histogram != null) {
          out.append(before);
          appendHistogram(matrix.timestampMs(i), histogram);
          before = ",";
        }
      }
      out.append(']');
    }
    out.append('}');
  }

  private void end() {
    if (isList()) {
      out.append(']');
    }
    out.append('}');
    List<String> warnings = result.warnings();
    if (truncated) {
      warnings = new ArrayList<>(warnings);
      warnings.add("results truncated due to limit");
    }
    if (!warnings.isEmpty()) {
      out.append(",\"warnings\":").append(new JsonArray(warnings).encode());
    }
    if (!result.infos().isEmpty()) {
      out.append(",\"infos\":").append(new JsonArray(result.infos()).encode());
    }
    out.append('}');
  }

  private void appendLabels(Labels labels) {
    out.append('{');
    for (int i = 0; i < labels.size(); i++) {
      out.append(i > 0 ? "," : "")
          .append(Json.encode(labels.nameAt(i)))
          .append(':')
          .append(Json.encode(labels.valueAt(i)));
    }
    out.append('}');
  }

  private void appendPoint(long timestampMs, double value) {
    out.append('[');
    appendSeconds(timestampMs);
    out.append(",\"").append(number(value)).append("\"]");
  }

  /** Unix seconds to the millisecond, without needless zeros. */
  private void appendSeconds(long timestampMs) {
    long rest = Math.floorMod(timestampMs, 1_000L);
    out.append(Math.floorDiv(timestampMs, 1_000L));
    if (rest > 0) {
      String digits = Long.toString(1_000 + rest).substring(1);
      out.append('.').append(digits.replaceAll("0+$", ""));
    }
  }

  private void appendHistogram(long timestampMs, Histogram histogram) {
    out.append('[');
    appendSeconds(timestampMs);
    out.append(",{\"count\":\"")
        .append(number(histogram.count()))
        .append("\",\"sum\":\"")
        .append(number(histogram.sum()))
        .append('"');
    boolean any = false;
    for (Bucket bucket : histogram.buckets()) {
      if (bucket.count() == 0) {
        continue;
      }
      out.append(any ? "," : ",\"buckets\":[");
      any = true;
      appendBucket(bucket);
    }
    out.append(any ? "]}]" : "}]");
  }

  /** The first number tells which bounds belong to it: 0 the upper, 1 the lower, 2 none, 3 both. */
  private void appendBucket(Bucket bucket) {
    int rule = bucket.lowerInclusive() ? (bucket.upperInclusive() ? 3 : 1) : 0;
    if (!bucket.lowerInclusive() && !bucket.upperInclusive()) {
      rule = 2;
    }
    out.append('[')
        .append(rule)
        .append(",\"")
        .append(number(bucket.lower()))
        .append("\",\"")
        .append(number(bucket.upper()))
        .append("\",\"")
        .append(number(bucket.count()))
        .append("\"]");
  }

  /** Shortest decimal digits, without exponent where Prometheus has none. */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      boolean negativeZero = value == 0 && Double.doubleToRawLongBits(value) != 0;
      return negativeZero ? "-0" : Long.toString((long) value);
    }
    return new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
  }
}
