package dev.tocsin.otlp.prometheus;

import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import java.util.SortedMap;

/** Receives OTLP metric points as samples of Prometheus series; see {@link PrometheusSeries}. */
@FunctionalInterface
public interface SeriesSink {

  /** How a value relates to the values before it in its series. */
  enum Kind {
    /** Stands for itself. */
    GAUGE,
    /** A running total since {@code startMs}. */
    CUMULATIVE,
    /** What was added since {@code startMs}; a reader of totals must sum it up. */
    DELTA
  }

  /**
   * @param labels of the series including {@code __name__}, sorted; owned by the callee, not shared
   * @param timeMs of the point, milliseconds since 1970
   * @param startMs start of the interval, 0 when the sender gave none
   * @param value {@link PrometheusSeries#STALE} when the sender had no value to record
   */
  void sample(SortedMap<String, String> labels, Kind kind, long timeMs, long startMs, double value);

  /**
   * A point of an exponential histogram, beside the samples of its {@code _sum} and {@code _count}.
   * Without a recorded value it is a sample instead: {@link PrometheusSeries#STALE}.
   *
   * @param labels as for {@link #sample}; the name is the histogram's own
   */
  default void histogram(
      SortedMap<String, String> labels,
      Kind kind,
      long timeMs,
      long startMs,
      ExponentialHistogramDataPoint point) {}

  /**
   * What is known of a metric, before its points; once a metric that has some.
   *
   * @param name its Prometheus name, without the suffixes of a histogram's or summary's series
   * @param type as Prometheus names it: counter, gauge, histogram, summary
   * @param help the description
   * @param unit in words, such as {@code seconds}; empty when there is none
   */
  default void metadata(String name, String type, String help, String unit) {}

  /**
   * A point whose labels are longer than {@link PrometheusSeries#LABELS_CHARS_MAX}: it has no
   * series. Told once for each name its series would have; and of the {@code target_info} of a
   * resource whose points are all so, which has none either.
   *
   * @param metric the name of the series it would have had, suffixes included
   * @param timeMs of the point
   * @param samples it would have had under that name, at least one
   */
  default void outsized(String metric, long timeMs, int samples) {}

  /**
   * An exemplar of a point that was passed on.
   *
   * @param labels of the series it belongs to, of a histogram its bucket's; not to be changed
   */
  default void exemplar(SortedMap<String, String> labels, Exemplar exemplar) {}
}
