package dev.tocsin.promql.engine;

import dev.tocsin.promql.Labels;
import dev.tocsin.promql.ast.AggregateExpr;
import dev.tocsin.promql.ast.AggregateOp;

/**
 * sum and avg: compensated sums at every step; a mean goes on as a running mean where its sum would
 * overflow.
 */
final class SumAccumulator extends Accumulator {
  private final boolean average;
  private final double[] compensations;
  private final double[] counts;
  private final boolean[] running;
  private final AggregateExpr expr;
  private final QueryState state;

  SumAccumulator(AggregateExpr expr, Labels labels, int steps, QueryState state) {
    super(labels, steps);
    this.expr = expr;
    this.state = state;
    this.average = expr.op() == AggregateOp.AVG;
    this.compensations = new double[steps];
    this.counts = new double[steps];
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
    return super.result();
  }

  private double finish(int i) {
    if (average && !running[i]) {
      return values[i] / counts[i] + compensations[i] / counts[i];
    }
    return Double.isInfinite(values[i]) ? values[i] : values[i] + compensations[i];
  }

  /** What the notes of this group point to. */
  AggregateExpr expr() {
    state.check();
    return expr;
  }
}
