package dev.tocsin.promql.benchmarks;

import dev.tocsin.promql.series.InMemorySeriesSource;
import dev.tocsin.promql.series.Labels;
import java.util.List;

/** 1,000 counters and 100 classic histograms of ten buckets over six hours, a sample every 15 s. */
final class Dataset {
  static final long START = 1_700_000_000_000L;
  static final int SAMPLES = 6 * 60 * 4;
  static final List<String> BOUNDS =
      List.of("0.005", "0.01", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "+Inf");

  /** Receives every sample. */
  interface Sink {
    void sample(Labels labels, long timeMs, double value);
  }

  private Dataset() {}

  static InMemorySeriesSource load() {
    InMemorySeriesSource source = new InMemorySeriesSource();
    each(source::append);
    return source;
  }

  static void each(Sink sink) {
    for (int s = 0; s < 1_000; s++) {
      Labels counter =
          Labels.of(
              "__name__",
              "m",
              "job",
              "job-" + s % 20,
              "instance",
              "host-" + s,
              "zone",
              "z" + s % 3);
      for (int i = 0; i < SAMPLES; i++) {
        sink.sample(counter, START + i * 15_000L, (double) i * (s % 17 + 1) + s);
      }
    }
    for (int s = 0; s < 100; s++) {
      for (int b = 0; b < BOUNDS.size(); b++) {
        Labels bucket =
            Labels.of(
                "__name__",
                "h_bucket",
                "job",
                "job-" + s % 20,
                "instance",
                "host-" + s,
                "le",
                BOUNDS.get(b));
        for (int i = 0; i < SAMPLES; i++) {
          sink.sample(bucket, START + i * 15_000L, (double) i * (b + 1) * (s % 5 + 1));
        }
      }
    }
  }
}
