package dev.tocsin.storage.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.promql.engine.QueryResult;
import dev.tocsin.promql.histogram.Buckets;
import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.MatrixSeries;
import dev.tocsin.promql.series.Value;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PrometheusJsonTest {

  private static JsonObject written(Value value, int limit) {
    PrometheusJson json = new PrometheusJson(new QueryResult(value, List.of(), 0), limit);
    StringBuilder whole = new StringBuilder();
    while (!json.ended()) {
      whole.append(json.piece());
    }
    JsonObject answer = new JsonObject(whole.toString());
    ApiSchemas.assertValid("PrometheusQuery", answer);
    return answer;
  }

  @Test
  void numbers_areWrittenAsPrometheusDoes() {
    assertThat(PrometheusJson.number(1e21)).isEqualTo("1000000000000000000000");
    assertThat(PrometheusJson.number(0.1)).isEqualTo("0.1");
    assertThat(PrometheusJson.number(-0.0)).isEqualTo("-0");
    assertThat(PrometheusJson.number(Double.NaN)).isEqualTo("NaN");
    assertThat(PrometheusJson.number(Double.NEGATIVE_INFINITY)).isEqualTo("-Inf");
    assertThat(PrometheusJson.number(123456789)).isEqualTo("123456789");
  }

  @Test
  void scalarsAndStrings_areWritten() {
    assertThat(written(new Value.Scalar(1_500, 0.25), 0).getJsonObject("data").encode())
        .isEqualTo("{\"resultType\":\"scalar\",\"result\":[1.5,\"0.25\"]}");
    assertThat(written(new Value.StringValue(2_000, "a\"b"), 0).getJsonObject("data").encode())
        .isEqualTo("{\"resultType\":\"string\",\"result\":[2,\"a\\\"b\"]}");
  }

  @Test
  void histograms_standBesideFloats() {
    Histogram histogram =
        Histogram.builder().schema(0).count(3).sum(5).positive(Buckets.dense(0, 1, 2)).build();
    MatrixSeries mixed =
        new MatrixSeries(
            Labels.of("a", "b"),
            new long[] {1_000, 2_000},
            new double[] {7, 0},
            new Histogram[] {null, histogram});
    JsonObject series =
        written(new Value.Matrix(List.of(mixed)), 0)
            .getJsonObject("data")
            .getJsonArray("result")
            .getJsonObject(0);
    assertThat(series.getJsonArray("values").encode()).isEqualTo("[[1,\"7\"]]");
    assertThat(series.getJsonArray("histograms").encode())
        .isEqualTo(
            "[[2,{\"count\":\"3\",\"sum\":\"5\",\"buckets\":"
                + "[[0,\"0.5\",\"1\",\"1\"],[0,\"1\",\"2\",\"2\"]]}]]");
  }

  @Test
  void largeAnswers_comeInPiecesOfWholeSeries() {
    List<MatrixSeries> many = new ArrayList<>();
    for (int s = 0; s < 40; s++) {
      long[] times = new long[2_000];
      double[] values = new double[2_000];
      for (int i = 0; i < times.length; i++) {
        times[i] = 1_700_000_000_000L + i * 15_123L;
        values[i] = i / 7.0;
      }
      many.add(new MatrixSeries(Labels.of("s", Integer.toString(s)), times, values, null));
    }
    JsonArray all = written(new Value.Matrix(many), 0).getJsonObject("data").getJsonArray("result");
    assertThat(all).hasSize(40);
    assertThat(all.getJsonObject(39).getJsonArray("values")).hasSize(2_000);
    JsonObject some = written(new Value.Matrix(many), 3);
    assertThat(some.getJsonObject("data").getJsonArray("result")).hasSize(3);
    assertThat(some.getJsonArray("warnings")).containsExactly("results truncated due to limit");
  }
}
