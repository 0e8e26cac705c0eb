package dev.tocsin.promql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tocsin.promql.engine.EngineOptions;
import dev.tocsin.promql.engine.QueryContext;
import dev.tocsin.promql.engine.QueryResult;
import dev.tocsin.promql.series.InMemorySeriesSource;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.Value;
import dev.tocsin.promql.series.Value.InstantVector;
import dev.tocsin.promql.series.Value.Sample;
import dev.tocsin.promql.text.PromqlException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PromqlEngineTest {
  private static final long MINUTE = 60_000;

  private final InMemorySeriesSource source = new InMemorySeriesSource();
  private final PromqlEngine engine = new PromqlEngine(EngineOptions.defaults());

  @BeforeEach
  void load() {
    for (int i = 0; i <= 20; i++) {
      for (String job : List.of("a", "b")) {
        source.append(
            Labels.of("__name__", "m", "job", job), i * MINUTE / 2, i * (job.equals("a") ? 1 : 2));
        for (String le : List.of("0.1", "1", "+Inf")) {
          double share = le.equals("0.1") ? 0.5 : 1;
          source.append(
              Labels.of("__name__", "h_bucket", "job", job, "le", le), i * MINUTE / 2, i * share);
        }
      }
    }
  }

  private List<Sample> vector(String query) {
    QueryResult result = engine.instant(source, query, 10 * MINUTE, QueryContext.create());
    return ((InstantVector) result.value()).samples();
  }

  private double only(String query) {
    List<Sample> samples = vector(query);
    assertThat(samples).hasSize(1);
    return samples.get(0).value();
  }

  @Test
  void selector_givesLatestSample() {
    assertThat(only("m{job=\"a\"}")).isEqualTo(20);
    assertThat(only("m{job=~\"b|c\"} offset 5m")).isEqualTo(20);
  }

  @Test
  void rate_isPerSecond() {
    assertThat(only("rate(m{job=\"a\"}[5m])")).isCloseTo(1 / 30.0, within(1e-9));
    assertThat(only("sum by (job) (rate(m{job=\"b\"}[5m]))")).isCloseTo(2 / 30.0, within(1e-9));
    assertThat(vector("sum by (job) (rate(m[5m]))")).hasSize(2);
  }

  @Test
  void aggregation_groupsByLabels() {
    assertThat(only("sum(m)")).isEqualTo(60);
    assertThat(only("topk(1, m)")).isEqualTo(40);
    assertThat(only("count(m) without (job)")).isEqualTo(2);
    assertThat(only("avg_over_time(m{job=\"a\"}[1m])")).isEqualTo(19.5);
  }

  @Test
  void binaryOperators_matchOnLabels() {
    assertThat(vector("m / on (job) group_left () m > bool 0")).hasSize(2);
    assertThat(only("m > 30")).isEqualTo(40);
    assertThat(vector("m and on (job) m{job=\"a\"}")).hasSize(1);
    assertThat(vector("m unless m{job=\"a\"} or vector(1)")).hasSize(2);
  }

  @Test
  void histogramQuantile_interpolatesInClassicBuckets() {
    assertThat(only("histogram_quantile(0.25, sum by (le) (rate(h_bucket[5m])))"))
        .isCloseTo(0.05, within(1e-9));
  }

  @Test
  void subquery_feedsRangeFunction() {
    assertThat(only("max_over_time(sum(m)[5m:30s])")).isEqualTo(60);
  }

  @Test
  void absent_givesPinnedLabels() {
    assertThat(vector("absent(nothing{job=\"x\"})").get(0).labels())
        .isEqualTo(Labels.of("job", "x"));
  }

  @Test
  void range_givesPointPerStep() {
    QueryResult result =
        engine.range(
            source, "m{job=\"a\"} + time() * 0", 0, 10 * MINUTE, MINUTE, QueryContext.create());
    Value.Matrix matrix = (Value.Matrix) result.value();
    assertThat(matrix.series()).hasSize(1);
    assertThat(matrix.series().get(0).size()).isEqualTo(11);
    assertThat(matrix.series().get(0).value(10)).isEqualTo(20);
  }

  @Test
  void badQuery_namesPosition() {
    assertThatThrownBy(() -> PromqlParser.parse("sum(m"))
        .isInstanceOf(PromqlException.class)
        .hasMessage("1:6: parse error: unclosed left parenthesis");
  }

  @Test
  void cancelledQuery_stops() {
    QueryContext context = QueryContext.create();
    context.cancel();
    assertThatThrownBy(() -> engine.instant(source, "m", 0, context))
        .isInstanceOfSatisfying(
            PromqlException.class,
            e -> assertThat(e.kind()).isEqualTo(PromqlException.Kind.CANCELED));
  }

  @Test
  void longWindowOverOneSeries_timesOut() {
    PromqlEngine hasty =
        new PromqlEngine(EngineOptions.defaults().withTimeout(java.time.Duration.ofMillis(200)));
    assertThatThrownBy(
            () ->
                hasty.range(
                    source,
                    "stddev_over_time(vector(1)[4d:1s])",
                    0,
                    345_600_000,
                    1_000,
                    QueryContext.create()))
        .isInstanceOfSatisfying(
            PromqlException.class,
            e -> assertThat(e.kind()).isEqualTo(PromqlException.Kind.TIMEOUT));
  }

  @Test
  void selectorAnalysis_addsUpLookback() {
    SelectorAnalysis analysis =
        SelectorAnalysis.of(PromqlParser.parse("rate(m[5m] offset 1m) + max_over_time(x[1h:1m])"));
    assertThat(analysis.selectors()).hasSize(2);
    assertThat(analysis.maxLookbackMs()).isEqualTo(65 * MINUTE);
  }
}
