package dev.tocsin.common.otlp;

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
}
