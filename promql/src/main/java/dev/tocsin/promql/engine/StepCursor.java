package dev.tocsin.promql.engine;

import dev.tocsin.promql.histogram.CounterResetHint;
import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.series.SampleCursor;
import org.jspecify.annotations.Nullable;

/**
 * The points of an intermediate series as samples: what a range function sees of a subquery.
 * Counter reset hints spoke of the stored sample before, which may be no point here, so they are
 * forgotten.
 */
final class StepCursor implements SampleCursor {
  private final StepSeries series;
  private final Steps steps;
  private int at = -1;

  StepCursor(StepSeries series, Steps steps) {
    this.series = series;
    this.steps = steps;
  }

  @Override
  public boolean next() {
    do {
      at++;
    } while (at < steps.count() && !series.has(at));
    return at < steps.count();
  }

  @Override
  public long timestampMs() {
    return steps.time(at);
  }

  @Override
  public double value() {
    return series.values[at];
  }

  @Override
  public @Nullable Histogram histogram() {
    Histogram histogram = series.histogram(at);
    if (histogram == null || histogram.hint() == CounterResetHint.GAUGE) {
      return histogram;
    }
    return histogram.withHint(CounterResetHint.UNKNOWN);
  }
}
