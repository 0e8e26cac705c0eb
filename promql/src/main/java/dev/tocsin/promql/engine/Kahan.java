package dev.tocsin.promql.engine;

/** Neumaier's compensated sum: what is lost to rounding is kept apart and added at the end. */
final class Kahan {
  double sum;
  double compensation;

  void add(double value) {
    double total = sum + value;
    if (Double.isInfinite(total)) {
      compensation = 0;
    } else if (Math.abs(sum) >= Math.abs(value)) {
      compensation += (sum - total) + value;
    } else {
      compensation += (value - total) + sum;
    }
    sum = total;
  }

  double result() {
    return Double.isInfinite(sum) ? sum : sum + compensation;
  }
}
