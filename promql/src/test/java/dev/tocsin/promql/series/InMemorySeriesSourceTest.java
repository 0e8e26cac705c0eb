package dev.tocsin.promql.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.promql.PromqlEngine;
import dev.tocsin.promql.engine.EngineOptions;
import dev.tocsin.promql.engine.QueryContext;
import dev.tocsin.promql.histogram.Buckets;
import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.text.PromqlException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class InMemorySeriesSourceTest {
  private static final Labels A = Labels.of("__name__", "m", "job", "a");
  private static final Labels B = Labels.of("__name__", "m", "job", "b");
  private static final SelectHints HINTS = new SelectHints(0, 0, "", List.of(), false, 0);

  private final InMemorySeriesSource source = new InMemorySeriesSource();

  private Map<Labels, List<String>> select(long startMs, long endMs, LabelMatcher... matchers) {
    Map<Labels, List<String>> found = new LinkedHashMap<>();
    try (SeriesSet set =
        source.select(new SelectRequest(List.of(matchers), startMs, endMs, HINTS))) {
      while (set.next()) {
        List<String> samples = new ArrayList<>();
        SampleCursor cursor = set.samples();
        while (cursor.next()) {
          Histogram histogram = cursor.histogram();
          samples.add(
              cursor.timestampMs()
                  + "="
                  + (histogram == null ? cursor.value() : "h" + histogram.count()));
        }
        found.put(set.labels(), samples);
      }
    }
    return found;
  }

  private static LabelMatcher name(String name) {
    return LabelMatcher.equal(Labels.METRIC_NAME, name);
  }

  private List<String> samplesOfA(long startMs, long endMs) {
    return Objects.requireNonNull(select(startMs, endMs, name("m")).get(A));
  }

  @Test
  void select_includesBothEnds() {
    for (int i = 0; i <= 100; i++) {
      source.append(A, i * 10L, i);
    }
    assertThat(samplesOfA(20, 40)).containsExactly("20=2.0", "30=3.0", "40=4.0");
    assertThat(samplesOfA(21, 39)).containsExactly("30=3.0");
    assertThat(samplesOfA(1_001, 2_000)).isEmpty();
    assertThat(samplesOfA(Long.MIN_VALUE, Long.MAX_VALUE)).hasSize(101);
  }

  @Test
  void bulkRead_stopsAtTheTimeAndTheEnd() {
    for (int i = 0; i < 10; i++) {
      source.append(A, i * 10L, i);
    }
    try (SeriesSet set = source.select(new SelectRequest(List.of(name("m")), 10, 80, HINTS))) {
      assertThat(set.next()).isTrue();
      SampleCursor cursor = set.samples();
      long[] times = new long[8];
      double[] values = new double[8];
      assertThat(cursor.read(35, times, values, 0, 8)).isEqualTo(3);
      assertThat(times).startsWith(10, 20, 30);
      assertThat(cursor.read(39, times, values, 0, 8)).isZero();
      assertThat(cursor.read(1_000, times, values, 0, 2)).isEqualTo(2);
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.timestampMs()).isEqualTo(60);
      assertThat(cursor.read(1_000, times, values, 0, 8)).isEqualTo(2);
      assertThat(cursor.next()).isFalse();
    }
  }

  @Test
  void select_ordersSeries_acrossMetrics() {
    source.append(B, 0, 1);
    source.append(Labels.of("__name__", "z", "job", "a"), 0, 1);
    source.append(A, 0, 1);
    assertThat(select(0, 1, LabelMatcher.equal("job", "a")).keySet())
        .containsExactly(A, Labels.of("__name__", "z", "job", "a"));
    assertThat(select(0, 1, name("m")).keySet()).containsExactly(A, B);
    assertThat(select(0, 1, name("none"))).isEmpty();
  }

  @Test
  void append_putsLateSamplesInPlace_andReplacesSameTime() {
    source.append(A, 30, 3);
    source.append(A, 10, 1);
    source.append(A, 20, 2);
    source.append(A, 30, 33);
    source.append(A, 20, Histogram.builder().count(7).positive(Buckets.dense(0, 7)).build());
    source.append(A, 40, 4);
    assertThat(samplesOfA(0, 100)).containsExactly("10=1.0", "20=h7.0", "30=33.0", "40=4.0");
  }

  @Test
  void cursor_seesTheSeriesAsItWasWhenOpened() {
    source.append(A, 10, 1);
    try (SeriesSet set = source.select(new SelectRequest(List.of(name("m")), 0, 100, HINTS))) {
      assertThat(set.next()).isTrue();
      SampleCursor cursor = set.samples();
      source.append(A, 20, 2);
      source.append(A, 10, 100);
      source.dropBefore(50);
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.value()).isEqualTo(1);
      assertThat(cursor.next()).isFalse();
    }
  }

  @Test
  void dropBefore_keepsTheBound_andForgetsEmptySeries() {
    source.append(A, 10, 1);
    source.append(A, 20, 2);
    source.append(B, 10, 1);
    source.dropBefore(20);
    assertThat(source.seriesCount()).isEqualTo(1);
    assertThat(samplesOfA(0, 100)).containsExactly("20=2.0");
    source.append(A, 15, 1.5);
    assertThat(samplesOfA(0, 100)).containsExactly("15=1.5", "20=2.0");
    source.clear();
    assertThat(source.seriesCount()).isZero();
  }

  @Test
  void engineLimits_holdOverTheSource() {
    for (int i = 0; i < 20; i++) {
      source.append(Labels.of("__name__", "m", "i", "" + i), 1_000, i);
    }
    PromqlEngine few = new PromqlEngine(EngineOptions.defaults().withSeriesMax(10));
    assertThatThrownBy(() -> few.instant(source, "m", 1_000, QueryContext.create()))
        .isInstanceOfSatisfying(
            PromqlException.class, e -> assertThat(e.kind()).isEqualTo(PromqlException.Kind.LIMIT));
    assertThat(few.instant(source, "m{i=~\"1.\"}", 1_000, QueryContext.create()).samplesRead())
        .isPositive();
  }
}
