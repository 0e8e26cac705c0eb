package dev.tocsin.app.bench;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * Follows a run from a thread of its own: reads the processes and the counts when the measured time
 * begins and ends, and tells the progress.
 */
final class Watch {
  private static final long TICK_MS = 200;

  private final BenchOptions options;
  private final Tally tally;
  private final ProgressLine progress;
  private final List<ProcessMeter> meters;
  private final Histogram latencies = new Histogram(3);
  private final long[] rssMax;

  /** What there was at one moment. */
  private record Mark(long nanos, long items, List<ProcessMeter.Reading> processes) {}

  /** What was seen between the two moments. */
  record Seen(double seconds, long items, List<Report.Usage> processes) {}

  Watch(BenchOptions options, Tally tally, ProgressLine progress) {
    this.options = options;
    this.tally = tally;
    this.progress = progress;
    this.meters = new ArrayList<>(options.processes());
    meters.add(ProcessMeter.ofThisProcess());
    this.rssMax = new long[meters.size()];
  }

  /** Blocks until the end of the schedule. */
  Seen follow(long startNanos, long measuredFromNanos, long endNanos) throws InterruptedException {
    long second = startNanos;
    while (System.nanoTime() < measuredFromNanos) {
      second = pause(measuredFromNanos, startNanos, second);
    }
    Mark before = mark();
    while (System.nanoTime() < endNanos) {
      second = pause(endNanos, startNanos, second);
      sample();
    }
    Mark after = mark();
    List<Report.Usage> usages = new ArrayList<>();
    for (int i = 0; i < meters.size(); i++) {
      usages.add(usage(i, before.processes().get(i), after.processes().get(i)));
    }
    return new Seen((after.nanos() - before.nanos()) / 1e9, after.items() - before.items(), usages);
  }

  /** Latencies of everything that has ended by now, in nanoseconds. */
  Histogram latencies() {
    latencies.add(tally.takeLatencies());
    return latencies;
  }

  private long pause(long until, long startNanos, long lastSecond) throws InterruptedException {
    long restMs = (until - System.nanoTime()) / 1_000_000;
    Thread.sleep(Math.max(1, Math.min(TICK_MS, restMs)));
    long now = System.nanoTime();
    if (now - lastSecond < 1_000_000_000L) {
      return lastSecond;
    }
    Histogram interval = tally.takeLatencies();
    latencies.add(interval);
    long items = tally.acknowledgedItems();
    progress.second(
        (now - startNanos) / 1_000_000_000L,
        options.signal().items(),
        (items - itemsAtLastSecond) * 1e9 / (now - lastSecond),
        tally.failedRequests(),
        interval);
    itemsAtLastSecond = items;
    return now;
  }

  private long itemsAtLastSecond;

  private Mark mark() {
    return new Mark(
        System.nanoTime(),
        tally.acknowledgedItems(),
        meters.stream().map(ProcessMeter::read).toList());
  }

  private void sample() {
    for (int i = 0; i < rssMax.length; i++) {
      rssMax[i] = Math.max(rssMax[i], meters.get(i).read().rssBytes());
    }
  }

  private Report.Usage usage(int index, ProcessMeter.Reading before, ProcessMeter.Reading after) {
    ProcessMeter meter = meters.get(index);
    return new Report.Usage(
        meter.name(),
        meter.pid(),
        after.cpuSeconds() - before.cpuSeconds(),
        before.rssBytes(),
        after.rssBytes(),
        Math.max(rssMax[index], after.rssBytes()),
        after.peakRssBytes());
  }
}
