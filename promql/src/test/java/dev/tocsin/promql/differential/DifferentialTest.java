package dev.tocsin.promql.differential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tocsin.promql.PromqlEngine;
import dev.tocsin.promql.engine.EngineOptions;
import dev.tocsin.promql.engine.QueryContext;
import dev.tocsin.promql.series.InMemorySeriesSource;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.MatrixSeries;
import dev.tocsin.promql.series.Value;
import dev.tocsin.promql.text.GoFloats;
import dev.tocsin.promql.text.PromqlException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random queries against Debian's Prometheus 2.42. Its windows are closed at the left, so samples
 * are kept off the borders of windows: they lie at odd milliseconds. The number of queries is the
 * system property {@code differential.queries}.
 */
class DifferentialTest {
  private static final long START = 1_700_000_000_000L;
  private static final int QUERIES = Integer.getInteger("differential.queries", 3_000);
  private static final double EPSILON = 1e-7;

  private final InMemorySeriesSource source = new InMemorySeriesSource();
  private final PromqlEngine engine = new PromqlEngine(EngineOptions.defaults());

  @TempDir Path work;

  @Test
  void randomQueries_agreeWithPrometheus() throws IOException, InterruptedException {
    Path prometheus = PrometheusProcess.find("prometheus");
    Path promtool = PrometheusProcess.find("promtool");
    assumeTrue(
        prometheus != null && promtool != null,
        "skipped: no prometheus and promtool on the search path (Debian package prometheus)");
    assumeTrue(!Boolean.getBoolean("differential.skip"), "skipped: -Ddifferential.skip is set");
    if (prometheus == null || promtool == null) {
      return;
    }
    String samples = samples();
    List<String> differences = new ArrayList<>();
    int compared = 0;
    int failedInBoth = 0;
    try (PrometheusProcess server = PrometheusProcess.start(prometheus, promtool, work, samples)) {
      QueryGenerator queries = new QueryGenerator(42);
      for (int i = 0; i < QUERIES; i++) {
        String query = queries.vector(1 + i % 3);
        String body = server.range(query, START + 600_000, START + 2_400_000, 97_000);
        String difference = compare(query, body);
        if (difference.equals("both failed")) {
          failedInBoth++;
        } else if (!difference.isEmpty()) {
          differences.add(query + "\n    " + difference);
        }
        compared++;
      }
    }
    System.out.printf(
        "differential: %d queries, %d fail in both, %d differ%n",
        compared, failedInBoth, differences.size());
    assertThat(differences).isEmpty();
  }

  private String compare(String query, String body) {
    Value.Matrix mine;
    try {
      mine =
          (Value.Matrix)
              engine
                  .range(
                      source,
                      query,
                      START + 600_000,
                      START + 2_400_000,
                      97_000,
                      QueryContext.create())
                  .value();
    } catch (PromqlException e) {
      return body.contains("\"status\":\"error\"") ? "both failed" : "only here: " + e.getMessage();
    }
    if (body.contains("\"status\":\"error\"")) {
      return "only in Prometheus: " + body;
    }
    Map<Labels, Map<Long, Double>> theirs = new HashMap<>(JsonMatrix.parse(body));
    for (MatrixSeries series : mine.series()) {
      Map<Long, Double> points = theirs.remove(series.labels());
      if (points == null || points.size() != series.size()) {
        return series + " against " + points;
      }
      for (int i = 0; i < series.size(); i++) {
        Double their = points.get(series.timestampMs(i));
        if (their == null || !close(series.value(i), their)) {
          return series.labels()
              + " at "
              + series.timestampMs(i)
              + ": "
              + series.value(i)
              + " against "
              + their;
        }
      }
    }
    return theirs.isEmpty() ? "" : "missing " + theirs.keySet();
  }

  private static boolean close(double a, double b) {
    if (Double.compare(a, b) == 0 || a == b) {
      return true;
    }
    double difference = Math.abs(a - b);
    return difference <= EPSILON * (Math.abs(a) + Math.abs(b)) || difference < 1e-9;
  }

  private String samples() {
    Random random = new Random(1);
    StringBuilder out = new StringBuilder();
    for (String metric : List.of("counter_total", "gauge", "gappy")) {
      out.append("# TYPE ")
          .append(metric.replace("_total", ""))
          .append(metric.endsWith("_total") ? " counter\n" : " gauge\n");
      for (String job : List.of("a", "b")) {
        for (String instance : List.of("1", "2", "3")) {
          series(
              out, metric, Labels.of("__name__", metric, "job", job, "instance", instance), random);
        }
      }
    }
    out.append("# TYPE h gauge\n# TYPE h_bucket gauge\n");
    int rows = 240;
    for (String job : List.of("a", "b")) {
      for (int b = 0; b < 4; b++) {
        Labels labels =
            Labels.of(
                "__name__",
                "h_bucket",
                "job",
                job,
                "le",
                List.of("0.1", "0.5", "2", "+Inf").get(b));
        for (int i = 0; i < rows; i++) {
          add(out, labels, START + i * 15_000L + 7, i * (b + 1) * (job.equals("a") ? 1 : 3));
        }
      }
    }
    return out.append("# EOF\n").toString();
  }

  private void series(StringBuilder out, String metric, Labels labels, Random random) {
    double value = random.nextInt(10);
    for (int i = 0; i < 240; i++) {
      boolean skip = metric.equals("gappy") && (i / 20) % 2 == 0;
      value =
          metric.equals("counter_total")
              ? (random.nextInt(50) == 0 ? 0 : value + random.nextInt(8))
              : Math.round((value + random.nextGaussian()) * 64) / 64.0;
      if (!skip) {
        add(out, labels, START + i * 15_000L + 7, value);
      }
    }
  }

  private void add(StringBuilder out, Labels labels, long timeMs, double value) {
    source.append(labels, timeMs, value);
    out.append(labels.toString().replace("\", ", "\","))
        .append(' ')
        .append(GoFloats.plain(value))
        .append(' ')
        .append(timeMs / 1000)
        .append('.')
        .append(String.format("%03d", timeMs % 1000))
        .append('\n');
  }
}
