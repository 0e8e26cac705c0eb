package dev.tocsin.alert.evaluate.window;

import dev.tocsin.common.otlp.SeriesSink.Kind;
import dev.tocsin.promql.LabelMatcher;
import dev.tocsin.promql.Labels;
import dev.tocsin.promql.SampleCursor;
import dev.tocsin.promql.SelectRequest;
import dev.tocsin.promql.SeriesSet;
import dev.tocsin.promql.SeriesSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The newest samples of the series that rules select. Filled by one thread, read by others: a query
 * runs inside {@link #reading}, an append inside {@link #writing}.
 */
public final class LiveWindow implements SeriesSource {
  private static final long PRUNE_EVERY_MS = 5_000;

  private final WindowLimits limits;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final Map<String, Metric> metrics = new HashMap<>();
  private final Map<Refusal, Long> refusals = new EnumMap<>(Refusal.class);
  private Selection selection = Selection.NONE;
  private Selection.Filter filter = Selection.NONE.filter();
  private long knownSinceMs;
  private long prunedMs;
  private int seriesCount;
  private long sampleCount;
  private final AtomicLong resets = new AtomicLong();

  /** Why a sample was not taken. */
  public enum Refusal {
    SERIES_LIMIT,
    SAMPLES_LIMIT,
    OUT_OF_ORDER,
    TOO_OLD,
    FUTURE
  }

  /** The series of one name. */
  private static final class Metric {
    private final Map<Labels, WindowSeries> byLabels = new HashMap<>();
    private volatile @Nullable List<WindowSeries> sorted;

    List<WindowSeries> sorted() {
      List<WindowSeries> list = sorted;
      if (list == null) {
        list = new ArrayList<>(byLabels.values());
        list.sort(Comparator.comparing(WindowSeries::labels));
        sorted = list;
      }
      return list;
    }
  }

  public LiveWindow(WindowLimits limits) {
    this.limits = limits;
  }

  /** Runs a query; the samples stand still meanwhile. */
  public <T> T reading(Supplier<T> query) {
    lock.readLock().lock();
    try {
      return query.get();
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Runs appends; no query runs meanwhile. */
  public void writing(Runnable appends) {
    lock.writeLock().lock();
    try {
      appends.run();
    } finally {
      lock.writeLock().unlock();
    }
  }

  /**
   * Empties the window and has it keep another selection.
   *
   * @param sinceMs from when on the samples are going to be appended
   */
  public void reset(Selection next, long sinceMs) {
    writing(
        () -> {
          metrics.clear();
          seriesCount = 0;
          sampleCount = 0;
          selection = next;
          filter = next.filter();
          knownSinceMs = sinceMs;
          resets.incrementAndGet();
        });
  }

  /** Whether samples of that metric may be kept at all; saves making labels for the others. */
  public boolean mayWant(String metricName) {
    return filter.mayWant(metricName);
  }

  /** Appends one sample, within {@link #writing}, if its series is selected. */
  public void append(
      Labels labels, Kind kind, long timeMs, long startMs, double value, long nowMs) {
    if (timeMs > nowMs + limits.futureMs()) {
      refuse(Refusal.FUTURE);
      return;
    }
    if (timeMs < nowMs - keptMs()) {
      refuse(Refusal.TOO_OLD);
      return;
    }
    WindowSeries series = series(labels);
    if (series == null) {
      return;
    }
    if (sampleCount >= limits.samplesMax()) {
      refuse(Refusal.SAMPLES_LIMIT);
      return;
    }
    int before = series.size();
    if (kind == Kind.DELTA) {
      series.add(timeMs, startMs, value, limits.resolutionMs());
    } else if (!series.append(kind, timeMs, startMs, value, knownSinceMs)) {
      refuse(Refusal.OUT_OF_ORDER);
    }
    sampleCount += series.size() - before;
  }

  private @Nullable WindowSeries series(Labels labels) {
    Metric metric = metrics.get(labels.metricName());
    WindowSeries known = metric == null ? null : metric.byLabels.get(labels);
    if (known != null) {
      return known;
    }
    if (!filter.wants(labels)) {
      return null;
    }
    if (seriesCount >= limits.seriesMax()) {
      refuse(Refusal.SERIES_LIMIT);
      return null;
    }
    Metric home = metrics.computeIfAbsent(labels.metricName(), name -> new Metric());
    WindowSeries fresh = new WindowSeries(labels);
    home.byLabels.put(labels, fresh);
    home.sorted = null;
    seriesCount++;
    return fresh;
  }

  private void refuse(Refusal why) {
    refusals.merge(why, 1L, Long::sum);
  }

  /** Forgets what no rule can see any more; does something every few seconds at most. */
  public void prune(long nowMs) {
    if (nowMs - prunedMs < PRUNE_EVERY_MS) {
      return;
    }
    prunedMs = nowMs;
    writing(() -> pruneBefore(nowMs - keptMs()));
  }

  private void pruneBefore(long oldestMs) {
    for (Iterator<Metric> m = metrics.values().iterator(); m.hasNext(); ) {
      Metric metric = m.next();
      for (Iterator<WindowSeries> s = metric.byLabels.values().iterator(); s.hasNext(); ) {
        WindowSeries series = s.next();
        if (series.size() == 0 || series.lastMs() < oldestMs) {
          s.remove();
          metric.sorted = null;
          seriesCount--;
          sampleCount -= series.size();
        } else {
          sampleCount -= series.forgetBefore(oldestMs);
        }
      }
      if (metric.byLabels.isEmpty()) {
        m.remove();
      }
    }
  }

  /** Ranges already contain the lookback; one more keeps the value at the far edge. */
  private long keptMs() {
    return selection.rangeMs() + limits.lookbackMs();
  }

  @Override
  public SeriesSet select(SelectRequest request) {
    List<WindowSeries> found = new ArrayList<>();
    String name = Selection.nameOf(request.matchers());
    if (name.isEmpty()) {
      metrics.values().forEach(metric -> collect(metric.byLabels.values(), request, found));
      found.sort(Comparator.comparing(WindowSeries::labels));
    } else {
      Metric metric = metrics.get(name);
      if (metric != null) {
        collect(metric.sorted(), request, found);
      }
    }
    return new Found(found, request, limits.lookbackMs());
  }

  private static void collect(
      Iterable<WindowSeries> from, SelectRequest request, List<WindowSeries> into) {
    List<LabelMatcher> matchers = request.matchers();
    for (WindowSeries series : from) {
      if (matchers.stream().allMatch(matcher -> matcher.matches(series.labels()))) {
        into.add(series);
      }
    }
  }

  /** How often the window has been emptied; what was put in before the last time is gone. */
  public long resets() {
    return resets.get();
  }

  /** Series kept now. */
  public int seriesCount() {
    return seriesCount;
  }

  /** Samples kept now. */
  public long sampleCount() {
    return sampleCount;
  }

  /** Samples refused so far, by reason. */
  public Map<Refusal, Long> refusals() {
    return reading(() -> Map.copyOf(refusals));
  }

  private static final class Found implements SeriesSet {
    private final List<WindowSeries> series;
    private final SelectRequest request;
    private final long lookbackMs;
    private int at = -1;

    Found(List<WindowSeries> series, SelectRequest request, long lookbackMs) {
      this.series = series;
      this.request = request;
      this.lookbackMs = lookbackMs;
    }

    @Override
    public boolean next() {
      return ++at < series.size();
    }

    @Override
    public Labels labels() {
      return series.get(at).labels();
    }

    @Override
    public SampleCursor samples() {
      return series.get(at).cursor(request.startMs(), request.endMs(), lookbackMs);
    }

    @Override
    public void close() {}
  }
}
