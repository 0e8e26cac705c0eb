package dev.tocsin.storage.http;

import dev.tocsin.promql.Labels;
import dev.tocsin.promql.MatrixSeries;
import dev.tocsin.promql.Value;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;

/** Query values in Prometheus's JSON. */
final class PrometheusJson {
  private PrometheusJson() {}

  static JsonObject of(Value value) {
    if (value instanceof Value.Scalar scalar) {
      return result("scalar", point(scalar.timestampMs(), scalar.value()));
    }
    if (value instanceof Value.StringValue text) {
      return result("string", new JsonArray().add(seconds(text.timestampMs())).add(text.value()));
    }
    JsonArray series = new JsonArray();
    if (value instanceof Value.InstantVector vector) {
      for (Value.Sample sample : vector.samples()) {
        // Native histograms are not stored, so none can come out.
        if (sample.histogram() == null) {
          series.add(
              new JsonObject()
                  .put("metric", labels(sample.labels()))
                  .put("value", point(sample.timestampMs(), sample.value())));
        }
      }
      return result("vector", series);
    }
    if (value instanceof Value.Matrix matrix) {
      for (MatrixSeries each : matrix.series()) {
        JsonArray points = new JsonArray();
        for (int i = 0; i < each.size(); i++) {
          points.add(point(each.timestampMs(i), each.value(i)));
        }
        series.add(new JsonObject().put("metric", labels(each.labels())).put("values", points));
      }
    }
    return result("matrix", series);
  }

  private static JsonObject result(String type, JsonArray result) {
    return new JsonObject().put("resultType", type).put("result", result);
  }

  private static JsonObject labels(Labels labels) {
    JsonObject json = new JsonObject();
    labels.forEach(json::put);
    return json;
  }

  private static JsonArray point(long timestampMs, double value) {
    return new JsonArray().add(seconds(timestampMs)).add(number(value));
  }

  /** Unix seconds to the millisecond; a double would be written with an exponent. */
  private static BigDecimal seconds(long timestampMs) {
    return BigDecimal.valueOf(timestampMs, 3);
  }

  /** Shortest decimal digits without exponent, as Prometheus writes floats. */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    if (value == 0) {
      return Double.doubleToRawLongBits(value) == 0 ? "0" : "-0";
    }
    return new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
  }
}
