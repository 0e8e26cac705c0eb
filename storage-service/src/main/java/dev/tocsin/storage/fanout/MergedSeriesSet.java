package dev.tocsin.storage.fanout;

import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.SampleCursor;
import dev.tocsin.promql.series.SeriesSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;

/**
 * Several sets as one: in order of labels, and a series that is in several of them once, with all
 * its samples. Used by one thread at a time.
 */
public final class MergedSeriesSet implements SeriesSet {
  private final List<SeriesSet> sets;
  private final PriorityQueue<Head> waiting =
      new PriorityQueue<>(Comparator.comparing(Head::labels).thenComparing(Head::place));

  /** Those that stand at the current series. */
  private final List<Head> current = new ArrayList<>();

  private boolean begun;

  /** A set that stands at a series. */
  private record Head(int place, SeriesSet set) {
    Labels labels() {
      return set.labels();
    }
  }

  private MergedSeriesSet(List<SeriesSet> sets) {
    this.sets = List.copyOf(sets);
  }

  /** Of two samples of one series and time, that of the later set counts. */
  public static SeriesSet of(List<SeriesSet> sets) {
    return sets.size() == 1 ? sets.get(0) : new MergedSeriesSet(sets);
  }

  @Override
  public boolean next() {
    if (!begun) {
      begun = true;
      for (int place = 0; place < sets.size(); place++) {
        advance(new Head(place, sets.get(place)));
      }
    }
    current.forEach(this::advance);
    current.clear();
    Head first = waiting.poll();
    if (first == null) {
      return false;
    }
    current.add(first);
    for (Head head = waiting.peek();
        head != null && head.labels().equals(first.labels());
        head = waiting.peek()) {
      current.add(waiting.remove());
    }
    return true;
  }

  private void advance(Head head) {
    if (head.set().next()) {
      waiting.add(head);
    }
  }

  @Override
  public Labels labels() {
    if (current.isEmpty()) {
      throw new NoSuchElementException("no series");
    }
    return current.get(0).labels();
  }

  @Override
  public SampleCursor samples() {
    List<SampleCursor> samples = current.stream().map(head -> head.set().samples()).toList();
    if (samples.isEmpty()) {
      throw new NoSuchElementException("no series");
    }
    return samples.size() == 1 ? samples.get(0) : new MergedSamples(samples);
  }

  @Override
  public void close() {
    sets.forEach(SeriesSet::close);
  }
}
