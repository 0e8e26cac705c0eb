package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.AggregateExpr;
import dev.tocsin.promql.ast.AggregateOp;
import dev.tocsin.promql.ast.SourceRange;
import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.series.Labels;
import org.jspecify.annotations.Nullable;

/**
 * sum and avg: compensated sums at every step; a mean goes on as a running mean where its sum would
 * overflow.
 */
final class SumAccumulator extends Accumulator {
  private final boolean average;
  private final double[] compensations;
  private final int[] counts;
  private final boolean[] running;
  private final SourceRange place;
  private final QueryState state;

  /** Sums of native histograms; null as long as there are none. */
  private @Nullable HistogramMean @Nullable [] histograms;

  /** Steps that hold no result because their histograms do not fit together. */
  private boolean @Nullable [] incompatible;

  SumAccumulator(AggregateExpr expr, Labels labels, int steps, QueryState state) {
    super(labels, steps);
    this.place = expr.expr().position();
    this.state = state;
    this.average = expr.op() == AggregateOp.AVG;
    this.compensations = new double[steps];
    this.counts = new int[steps];
    this.running = new boolean[average ? steps : 0];
  }

  @Override
  void add(StepSeries series) {
    double[] from = series.values;
    for (int i = 0; i < values.length; i++) {
      double value = from[i];
      if (Double.isNaN(value) && Absent.is(value)) {
        continue;
      }
      counts[i]++;
      if (counts[i] == 1) {
        values[i] = value;
      } else if (average) {
        addToMean(i, value);
      } else {
        addKahan(i, value);
      }
    }
    if (series.histograms != null) {
      for (int i = 0; i < values.length; i++) {
        Histogram histogram = series.histograms[i];
        if (histogram != null) {
          addHistogram(i, histogram, series.labels);
        }
      }
    }
  }

  private void addHistogram(int i, Histogram histogram, Labels from) {
    if (histograms == null || incompatible == null) {
      histograms = new @Nullable HistogramMean[values.length];
      incompatible = new boolean[values.length];
    }
    HistogramMean mean = histograms[i];
    if (mean == null) {
      mean = new HistogramMean(average);
      histograms[i] = mean;
    }
    if (!incompatible[i] && !mean.add(histogram)) {
      incompatible[i] = true;
      state.notes.mixedExponentialCustom(from.metricName(), place);
    }
  }

  private void addKahan(int i, double value) {
    double sum = values[i];
    double total = sum + value;
    if (Double.isInfinite(total)) {
      compensations[i] = 0;
    } else if (Math.abs(sum) >= Math.abs(value)) {
      compensations[i] += (sum - total) + value;
    } else {
      compensations[i] += (value - total) + sum;
    }
    values[i] = total;
  }

  private void addToMean(int i, double value) {
    double n = counts[i];
    if (!running[i]) {
      double sumBefore = values[i];
      double compensationBefore = compensations[i];
      addKahan(i, value);
      if (!Double.isInfinite(values[i])) {
        return;
      }
      running[i] = true;
      values[i] = sumBefore / (n - 1);
      compensations[i] = compensationBefore / (n - 1);
    }
    double q = (n - 1) / n;
    values[i] *= q;
    compensations[i] *= q;
    addKahan(i, value / n);
  }

  @Override
  StepSeries result() {
    for (int i = 0; i < values.length; i++) {
      if (counts[i] > 0) {
        values[i] = Absent.clean(finish(i));
      }
    }
    StepSeries result = super.result();
    if (histograms != null && incompatible != null) {
      for (int i = 0; i < values.length; i++) {
        HistogramMean mean = histograms[i];
        if (mean != null) {
          finishHistogram(result, i, mean, incompatible[i]);
        }
      }
    }
    return result;
  }

  private void finishHistogram(StepSeries result, int i, HistogramMean mean, boolean unfit) {
    if (mean.collides()) {
      state.notes.counterResetCollision("aggregation", place);
    }
    if (mean.reconciled()) {
      state.notes.boundsReconciled("aggregation", place);
    }
    if (counts[i] > 0) {
      state.notes.mixedFloatsHistogramsInAggregation(place);
      result.values[i] = Absent.VALUE;
    } else if (!unfit) {
      result.set(i, mean.result());
    }
  }

  private double finish(int i) {
    if (average && !running[i]) {
      return values[i] / counts[i] + compensations[i] / counts[i];
    }
    return Double.isInfinite(values[i]) ? values[i] : values[i] + compensations[i];
  }
}
