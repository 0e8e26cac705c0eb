package dev.tocsin.storage.fanout;

import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.series.SampleCursor;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** The samples of one series that several databases have, in order of time. */
final class MergedSamples implements SampleCursor {
  /** Those that have more, each at a sample not passed yet. */
  private final List<SampleCursor> waiting = new ArrayList<>();

  private final List<SampleCursor> all;
  private @Nullable SampleCursor current;
  private long timeMs;

  MergedSamples(List<SampleCursor> all) {
    this.all = List.copyOf(all);
  }

  @Override
  public boolean next() {
    if (current == null) {
      all.stream().filter(SampleCursor::next).forEach(waiting::add);
    } else {
      waiting.removeIf(cursor -> cursor.timestampMs() == timeMs && !cursor.next());
    }
    SampleCursor first = null;
    for (SampleCursor cursor : waiting) {
      // The last of equal times.
      if (first == null || cursor.timestampMs() <= first.timestampMs()) {
        first = cursor;
      }
    }
    if (first == null) {
      return false;
    }
    current = first;
    timeMs = first.timestampMs();
    return true;
  }

  private SampleCursor current() {
    SampleCursor known = current;
    if (known == null) {
      throw new NoSuchElementException("no sample");
    }
    return known;
  }

  @Override
  public boolean isTotalOfDeltas() {
    return all.stream().anyMatch(SampleCursor::isTotalOfDeltas);
  }

  @Override
  public long timestampMs() {
    return timeMs;
  }

  @Override
  public double value() {
    return current().value();
  }

  @Override
  public @Nullable Histogram histogram() {
    return current().histogram();
  }
}
