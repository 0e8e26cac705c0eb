package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.AggregateExpr;
import dev.tocsin.promql.series.Labels;
import java.util.Arrays;

/** One group of sum, avg, count, min, max, group, stddev or stdvar: its state at every step. */
abstract class Accumulator {
  final Labels labels;
  final double[] values;

  Accumulator(Labels labels, int steps) {
    this.labels = labels;
    this.values = StepSeries.absentValues(steps);
  }

  static Accumulator of(AggregateExpr expr, Labels labels, int steps, QueryState state) {
    return switch (expr.op()) {
      case SUM, AVG -> new SumAccumulator(expr, labels, steps, state);
      case COUNT -> new CountAccumulator(labels, steps, false);
      case GROUP -> new CountAccumulator(labels, steps, true);
      case MIN -> new ExtremeAccumulator(expr, labels, steps, -1, state.notes);
      case MAX -> new ExtremeAccumulator(expr, labels, steps, 1, state.notes);
      default -> new VarianceAccumulator(expr, labels, steps, state.notes);
    };
  }

  abstract void add(StepSeries series);

  StepSeries result() {
    return new StepSeries(labels, false, values);
  }

  private static final class CountAccumulator extends Accumulator {
    private final boolean group;

    CountAccumulator(Labels labels, int steps, boolean group) {
      super(labels, steps);
      this.group = group;
    }

    @Override
    void add(StepSeries series) {
      for (int i = 0; i < values.length; i++) {
        if (series.has(i)) {
          values[i] = group || Absent.is(values[i]) ? 1 : values[i] + 1;
        }
      }
    }
  }

  private static final class ExtremeAccumulator extends Accumulator {
    private final AggregateExpr expr;
    private final int sign;
    private final Notes notes;

    ExtremeAccumulator(AggregateExpr expr, Labels labels, int steps, int sign, Notes notes) {
      super(labels, steps);
      this.expr = expr;
      this.sign = sign;
      this.notes = notes;
    }

    @Override
    void add(StepSeries series) {
      for (int i = 0; i < values.length; i++) {
        double value = series.values[i];
        if (Absent.is(value)) {
          if (series.has(i)) {
            notes.histogramIgnoredInAggregation(expr.op().text(), expr.expr().position());
          }
          continue;
        }
        double best = values[i];
        if (Double.isNaN(best) || value * sign > best * sign) {
          values[i] = value;
        }
      }
    }
  }

  private static final class VarianceAccumulator extends Accumulator {
    private final AggregateExpr expr;
    private final Notes notes;
    private final double[] counts;
    private final double[] means;
    private final double[] meanCompensations;
    private final double[] squares;
    private final double[] squareCompensations;
    private final Kahan kahan = new Kahan();

    VarianceAccumulator(AggregateExpr expr, Labels labels, int steps, Notes notes) {
      super(labels, steps);
      this.expr = expr;
      this.notes = notes;
      this.counts = new double[steps];
      this.means = new double[steps];
      this.meanCompensations = new double[steps];
      this.squares = new double[steps];
      this.squareCompensations = new double[steps];
    }

    @Override
    void add(StepSeries series) {
      for (int i = 0; i < values.length; i++) {
        double value = series.values[i];
        if (Absent.is(value)) {
          if (series.has(i)) {
            notes.histogramIgnoredInAggregation(expr.op().text(), expr.expr().position());
          }
          continue;
        }
        add(i, value);
      }
    }

    private void add(int i, double value) {
      counts[i]++;
      if (counts[i] == 1) {
        means[i] = value;
        squares[i] = Double.isNaN(value) || Double.isInfinite(value) ? Double.NaN : 0;
        return;
      }
      double delta = value - (means[i] + meanCompensations[i]);
      kahan.sum = means[i];
      kahan.compensation = meanCompensations[i];
      kahan.add(delta / counts[i]);
      means[i] = kahan.sum;
      meanCompensations[i] = kahan.compensation;
      double newDelta = value - (means[i] + meanCompensations[i]);
      kahan.sum = squares[i];
      kahan.compensation = squareCompensations[i];
      kahan.add(delta * newDelta);
      squares[i] = kahan.sum;
      squareCompensations[i] = kahan.compensation;
    }

    @Override
    StepSeries result() {
      Arrays.fill(values, Absent.VALUE);
      boolean deviation = expr.op() == dev.tocsin.promql.ast.AggregateOp.STDDEV;
      for (int i = 0; i < values.length; i++) {
        if (counts[i] > 0) {
          double variance = (squares[i] + squareCompensations[i]) / counts[i];
          values[i] = Absent.clean(deviation ? Math.sqrt(variance) : variance);
        }
      }
      return super.result();
    }
  }
}
