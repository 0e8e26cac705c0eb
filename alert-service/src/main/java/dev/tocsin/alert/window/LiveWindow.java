package dev.tocsin.alert.window;

import dev.tocsin.otlp.prometheus.SeriesSink.Kind;
import dev.tocsin.promql.series.LabelMatcher;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.SelectRequest;
import dev.tocsin.promql.series.SeriesSet;
import dev.tocsin.promql.series.SeriesSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
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
  private static final int DERIVED_MAX = 10_000;

  private final WindowLimits limits;
  private final Room room;
  private final Supplier<Optional<Refusal>> sampleRefusal;
  private final ClockWatch clock = new ClockWatch();

  /** Fair: who fills the window writes again and again, and would keep rules out. */
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock(true);

  private final Map<String, Metric> metrics = new HashMap<>();

  private final Refusals refusals = new Refusals();

  private final RepeatedDeltas repeats = new RepeatedDeltas();

  private Selection selection = Selection.NONE;
  private Selection.Filter filter = Selection.NONE.filter();
  private long knownSinceMs;
  private long prunedMs;
  private long madeRoomMs;

  /** Metrics that come from {@code derive} or from rules; replaced, never changed. */
  private volatile Set<String> derived = Set.of();

  /** What found no room. */
  private final Lacking noRoom = new Lacking();

  /** What came with labels that are too long. */
  private final Lacking outsized = new Lacking();

  private final AtomicLong resets = new AtomicLong();
  private long seriesMade;

  /** Why a sample was not taken. */
  public enum Refusal {
    SERIES_LIMIT,
    SAMPLES_LIMIT,
    /** All labels in the window together are as long as they may be. */
    LABELS_LIMIT,
    /** The labels of its series are too long for any window. */
    LABELS_TOO_LONG,
    OUT_OF_ORDER,
    TOO_OLD,
    FUTURE,
    NOT_A_NUMBER
  }

  /**
   * What a window has refused of late though rules read it.
   *
   * @param metrics names of the metrics whose samples may be missing
   * @param all whether there are more of them than are listed
   */
  public record Lack(Set<String> metrics, boolean all) {
    /** Nothing is missing. */
    public static final Lack NONE = new Lack(Set.of(), false);

    public Lack {
      metrics = Set.copyOf(metrics);
    }

    public boolean isNone() {
      return metrics.isEmpty();
    }

    public boolean of(String metric) {
      return all || metrics.contains(metric);
    }
  }

  /** The series of one name. */
  private static final class Metric {
    private final Map<Labels, WindowSeries> byLabels = new HashMap<>();

    /** As queries want them; sorted once, for new series come all the time. */
    private final SortedMap<Labels, WindowSeries> inOrder = new TreeMap<>();

    void add(WindowSeries series) {
      byLabels.put(series.labels(), series);
      inOrder.put(series.labels(), series);
    }
  }

  public LiveWindow(WindowLimits limits) {
    this.limits = limits;
    this.room = new Room(limits);
    this.sampleRefusal = room::refusesSample;
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
          repeats.forget();
          room.clear();
          madeRoomMs = 0;
          noRoom.forget();
          outsized.forget();
          derived = Set.of();
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
    append(labels, kind, timeMs, startMs, value, nowMs, false);
  }

  /**
   * As the other, of a sender that repeats what it has no answer to: of deltas that are equal in
   * series, start, time and value one counts.
   */
  public void appendOnce(
      Labels labels, Kind kind, long timeMs, long startMs, double value, long nowMs) {
    append(labels, kind, timeMs, startMs, value, nowMs, kind == Kind.DELTA);
  }

  private void append(
      Labels labels, Kind kind, long timeMs, long startMs, double value, long nowMs, boolean once) {
    if (!isInTime(timeMs, 1, nowMs)) {
      return;
    }
    WindowSeries series = series(labels, timeMs, nowMs);
    if (series == null || !isRoom(sampleRefusal, labels, nowMs)) {
      return;
    }
    if (once && repeats.isKnown(series, startMs, timeMs, value, nowMs)) {
      return;
    }
    int before = series.size();
    if (before > 0 && timeMs <= nowMs && series.lastMs() > nowMs) {
      // Read again, from before the clock was set back: it would hide all that came since.
      series.forgetAfter(timeMs - 1);
    }
    if (kind == Kind.DELTA) {
      if (!series.add(timeMs, startMs, value, limits.resolutionMs())) {
        refuse(Refusal.NOT_A_NUMBER, 1);
      }
    } else if (!series.append(kind, timeMs, startMs, value, knownSinceMs)) {
      refuse(Refusal.OUT_OF_ORDER, 1);
    }
    room.samplesAdded(series.size() - before);
  }

  /**
   * Takes note, within {@link #writing}, of samples that have no series because its labels are too
   * long. Whether a rule selects just them nobody can tell, so their name decides.
   */
  public void refuseOutsized(String metric, long timeMs, int samples, long nowMs) {
    if (filter.mayWant(metric) && isInTime(timeMs, samples, nowMs)) {
      refuse(Refusal.LABELS_TOO_LONG, samples);
      outsized.refused(metric, nowMs);
    }
  }

  private boolean isInTime(long timeMs, int samples, long nowMs) {
    if (timeMs > nowMs + limits.futureMs()) {
      refuse(Refusal.FUTURE, samples);
      return false;
    }
    if (timeMs < nowMs - keptMs()) {
      refuse(Refusal.TOO_OLD, samples);
      return false;
    }
    return true;
  }

  private @Nullable WindowSeries series(Labels labels, long timeMs, long nowMs) {
    Metric metric = metrics.get(labels.metricName());
    WindowSeries known = metric == null ? null : metric.byLabels.get(labels);
    if (known != null) {
      return isKept(known.wantedMs(), labels, timeMs, nowMs) ? known : null;
    }
    long rangeMs = filter.rangeMs(labels);
    if (rangeMs == Selection.Filter.NOBODY) {
      return null;
    }
    long wantedMs = wantedMs(rangeMs);
    long characters = characters(labels);
    if (!isKept(wantedMs, labels, timeMs, nowMs)
        || !isRoom(() -> room.refusesSeries(characters), labels, nowMs)) {
      return null;
    }
    Metric home = metrics.computeIfAbsent(labels.metricName(), name -> new Metric());
    WindowSeries fresh = new WindowSeries(labels, wantedMs, ++seriesMade);
    home.add(fresh);
    room.seriesAdded(characters);
    return fresh;
  }

  private boolean isKept(long wantedMs, Labels labels, long timeMs, long nowMs) {
    if (timeMs < nowMs - wantedMs) {
      refuse(Refusal.TOO_OLD, 1);
      return false;
    }
    if (timeMs < nowMs - room.keptMs(wantedMs)) {
      lack(Refusal.SAMPLES_LIMIT, labels, nowMs);
      return false;
    }
    return true;
  }

  /** Whether one more goes in, if need be in the place of what is old. */
  private boolean isRoom(Supplier<Optional<Refusal>> refusal, Labels labels, long nowMs) {
    Optional<Refusal> why = refusal.get();
    if (why.isPresent() && makeRoom(nowMs)) {
      why = refusal.get();
    }
    why.ifPresent(reason -> lack(reason, labels, nowMs));
    return why.isEmpty();
  }

  private boolean makeRoom(long nowMs) {
    if (Math.abs(nowMs - madeRoomMs) < PRUNE_EVERY_MS) {
      return false;
    }
    madeRoomMs = nowMs;
    long oldestMs =
        metrics.values().stream()
            .flatMap(metric -> metric.byLabels.values().stream())
            .filter(series -> series.size() > 0)
            .mapToLong(WindowSeries::firstMs)
            .min()
            .orElse(nowMs);
    while (room.isTight() && room.shorten(nowMs - oldestMs, nowMs)) {
      forget(nowMs);
    }
    nameWhatIsGivenUp(nowMs);
    return true;
  }

  /** Rules that look back further than there is room for must not take that for silence. */
  private void nameWhatIsGivenUp(long nowMs) {
    long completeMs = room.completeMs(nowMs);
    selection.lookingBeyond(completeMs).forEach(metric -> noRoom.refused(metric, nowMs));
  }

  private static long characters(Labels labels) {
    long sum = 0;
    for (int i = 0; i < labels.size(); i++) {
      sum += labels.nameAt(i).length() + labels.valueAt(i).length();
    }
    return sum;
  }

  private void lack(Refusal why, Labels labels, long nowMs) {
    refuse(why, 1);
    noRoom.refused(labels.metricName(), nowMs);
  }

  private void refuse(Refusal why, int samples) {
    refusals.add(why, samples);
  }

  /**
   * When the clock was set back, series that lie ahead of it now move back with it. Left where they
   * are, they would hide all that comes before the clock has caught up with them; without what lies
   * ahead, an old value would pass for the present one. To be called before anything is appended or
   * asked for by a new time.
   *
   * @param monotonicMs by a clock that is never set
   */
  public void lookAtClock(long nowMs, long monotonicMs) {
    writing(
        () -> {
          long stepMs = clock.step(nowMs, monotonicMs);
          if (stepMs < 0) {
            shiftWhatLiesAhead(nowMs, stepMs);
          }
        });
  }

  private void shiftWhatLiesAhead(long nowMs, long stepMs) {
    for (Metric metric : metrics.values()) {
      for (WindowSeries series : metric.byLabels.values()) {
        if (series.size() > 0 && series.lastMs() > nowMs) {
          series.shift(stepMs);
        }
      }
    }
  }

  /** Forgets what no rule can see any more; does something every few seconds at most. */
  public void prune(long nowMs) {
    if (Math.abs(nowMs - prunedMs) < PRUNE_EVERY_MS) {
      return;
    }
    prunedMs = nowMs;
    writing(
        () -> {
          forget(nowMs);
          room.pruned(nowMs);
          nameWhatIsGivenUp(nowMs);
          noRoom.forgetOld(nowMs);
          outsized.forgetOld(nowMs);
        });
  }

  private void forget(long nowMs) {
    for (Iterator<Metric> m = metrics.values().iterator(); m.hasNext(); ) {
      Metric metric = m.next();
      for (Iterator<WindowSeries> s = metric.byLabels.values().iterator(); s.hasNext(); ) {
        WindowSeries series = s.next();
        long oldestMs = nowMs - room.keptMs(series.wantedMs());
        if (series.size() == 0 || series.lastMs() < oldestMs) {
          s.remove();
          metric.inOrder.remove(series.labels());
          room.seriesRemoved(characters(series.labels()));
          room.samplesRemoved(series.size());
        } else {
          room.samplesRemoved(series.forgetBefore(oldestMs));
        }
      }
      if (metric.byLabels.isEmpty()) {
        m.remove();
      }
    }
  }

  /** Ranges already contain the lookback; one more keeps the value at the far edge. */
  private long wantedMs(long rangeMs) {
    return rangeMs + limits.lookbackMs();
  }

  private long keptMs() {
    return wantedMs(selection.rangeMs());
  }

  @Override
  public SeriesSet select(SelectRequest request) {
    List<WindowSeries> found = new ArrayList<>();
    List<LabelMatcher> matchers = request.matchers();
    String name = Selection.nameOf(matchers);
    if (name.isEmpty()) {
      metrics.values().forEach(metric -> collect(metric.byLabels.values(), matchers, found));
      found.sort(Comparator.comparing(WindowSeries::labels));
    } else {
      Metric metric = metrics.get(name);
      if (metric != null) {
        collect(metric.inOrder.values(), besidesTheName(name, matchers), found);
      }
    }
    return new FoundSeries(found, request, limits.lookbackMs());
  }

  /** What is left to be asked of the series of a metric. */
  private static List<LabelMatcher> besidesTheName(String name, List<LabelMatcher> matchers) {
    LabelMatcher ofName = LabelMatcher.equal(Labels.METRIC_NAME, name);
    return matchers.stream().filter(matcher -> !matcher.equals(ofName)).toList();
  }

  private static void collect(
      Iterable<WindowSeries> from, List<LabelMatcher> matchers, List<WindowSeries> into) {
    for (WindowSeries series : from) {
      if (allMatch(matchers, series.labels())) {
        into.add(series);
      }
    }
  }

  /** A loop, as it is done for every series at every evaluation. */
  private static boolean allMatch(List<LabelMatcher> matchers, Labels labels) {
    for (LabelMatcher matcher : matchers) {
      if (!matcher.matches(labels)) {
        return false;
      }
    }
    return true;
  }

  /** How often the window has been emptied; what was put in before the last time is gone. */
  public long resets() {
    return resets.get();
  }

  /** The metric comes from {@code derive} or from rules; within {@link #writing}. */
  public void derives(String metric) {
    if (!derived.contains(metric) && derived.size() < DERIVED_MAX) {
      Set<String> more = new HashSet<>(derived);
      more.add(metric);
      derived = Set.copyOf(more);
    }
  }

  /** Metrics that are known to come from {@code derive} or from rules. */
  public Set<String> derivedMetrics() {
    return derived;
  }

  /** Which metrics lack samples that found no room. */
  public Lack lack() {
    return reading(noRoom::lack);
  }

  /** Which metrics lack samples whose labels are too long to be kept. */
  public Lack outsized() {
    return reading(outsized::lack);
  }

  /** The longest way back anything is kept. */
  public long rangeMs() {
    return reading(this::keptMs);
  }

  /** Series kept now. */
  public int seriesCount() {
    return room.series();
  }

  /** Samples kept now. */
  public long sampleCount() {
    return room.samples();
  }

  /** Deltas that came more than once. */
  public long repeated() {
    return repeats.count();
  }

  /** Samples refused so far, by reason. */
  public Map<Refusal, Long> refusals() {
    return refusals.counts();
  }
}
