package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.SourceRange;
import dev.tocsin.promql.histogram.CounterResetHint;
import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.histogram.HistogramSum;
import org.jspecify.annotations.Nullable;

/** Arithmetic of native histograms as operators see it, with the annotations it causes. */
final class HistogramMath {
  private HistogramMath() {}

  static Histogram negate(Histogram histogram) {
    return histogram.times(-1).compact();
  }

  /** Whether one hint tells of a reset and the other of none. */
  static boolean collide(CounterResetHint a, CounterResetHint b) {
    return (a == CounterResetHint.RESET && b == CounterResetHint.NOT_RESET)
        || (a == CounterResetHint.NOT_RESET && b == CounterResetHint.RESET);
  }

  /** Null, with a warning, when the buckets are of different kinds. */
  static @Nullable Histogram add(Histogram a, Histogram b, Notes notes, SourceRange place) {
    return combine(a, b, b, "addition", notes, place);
  }

  /** As {@link #add}; the difference is a gauge. */
  static @Nullable Histogram subtract(Histogram a, Histogram b, Notes notes, SourceRange place) {
    Histogram difference =
        combine(a, b.times(-1).withHint(b.hint()), b, "subtraction", notes, place);
    return difference == null ? null : difference.withHint(CounterResetHint.GAUGE);
  }

  private static @Nullable Histogram combine(
      Histogram a,
      Histogram addend,
      Histogram b,
      String operation,
      Notes notes,
      SourceRange place) {
    HistogramSum sum = HistogramSum.of(a, addend);
    if (sum == null) {
      notes.mixedExponentialCustom("", place);
      return null;
    }
    if (collide(a.hint(), b.hint())) {
      notes.counterResetCollision(operation, place);
    }
    if (sum.reconciled()) {
      notes.boundsReconciled(operation, place);
    }
    return sum.result();
  }
}
