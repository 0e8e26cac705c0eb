package dev.tocsin.storage.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.SampleCursor;
import dev.tocsin.promql.series.SeriesSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class MergedSeriesSetTest {

  @Test
  void series_areInOrderOfLabelsAndSamplesOfTime_whenSetsShareSome() {
    SeriesSet merged =
        MergedSeriesSet.of(
            List.of(
                new Series(Map.of("b", Map.of(1L, 1.0, 5L, 5.0), "d", Map.of(1L, 9.0))),
                new Series(Map.of()),
                new Series(Map.of("a", Map.of(2L, 2.0), "b", Map.of(3L, 3.0, 5L, 55.0, 7L, 7.0)))));

    assertThat(read(merged))
        .containsExactly(
            Map.entry("a", Map.of(2L, 2.0)),
            Map.entry("b", Map.of(1L, 1.0, 3L, 3.0, 5L, 55.0, 7L, 7.0)),
            Map.entry("d", Map.of(1L, 9.0)));
  }

  private static Map<String, Map<Long, Double>> read(SeriesSet set) {
    TreeMap<String, Map<Long, Double>> found = new TreeMap<>();
    String last = "";
    while (set.next()) {
      String name = set.labels().getOrEmpty("name");
      assertThat(name).isGreaterThan(last);
      last = name;
      TreeMap<Long, Double> samples = new TreeMap<>();
      SampleCursor cursor = set.samples();
      while (cursor.next()) {
        assertThat(samples.isEmpty() || samples.lastKey() < cursor.timestampMs()).isTrue();
        samples.put(cursor.timestampMs(), cursor.value());
      }
      assertThat(cursor.next()).isFalse();
      found.put(name, samples);
    }
    return found;
  }

  /** Series by the value of their only label. */
  private static final class Series implements SeriesSet {
    private final Iterator<Map.Entry<String, Map<Long, Double>>> series;
    private Map.Entry<String, Map<Long, Double>> current;

    Series(Map<String, Map<Long, Double>> series) {
      this.series = new TreeMap<>(series).entrySet().iterator();
    }

    @Override
    public boolean next() {
      current = series.hasNext() ? series.next() : null;
      return current != null;
    }

    @Override
    public Labels labels() {
      return Labels.builder().put("name", current.getKey()).build();
    }

    @Override
    public SampleCursor samples() {
      return new Samples(new TreeMap<>(current.getValue()).entrySet().iterator());
    }

    @Override
    public void close() {}
  }

  /** Refuses to be read at its end, as a real one may. */
  private static final class Samples implements SampleCursor {
    private final Iterator<Map.Entry<Long, Double>> samples;
    private Map.Entry<Long, Double> current;

    Samples(Iterator<Map.Entry<Long, Double>> samples) {
      this.samples = samples;
    }

    @Override
    public boolean next() {
      current = samples.hasNext() ? samples.next() : null;
      return current != null;
    }

    private Map.Entry<Long, Double> current() {
      if (current == null) {
        throw new NoSuchElementException();
      }
      return current;
    }

    @Override
    public long timestampMs() {
      return current().getKey();
    }

    @Override
    public double value() {
      return current().getValue();
    }
  }
}
