package dev.tocsin.promql.engine;

/**
 * A mean: the compensated sum over the count, or a running mean from where the sum would overflow.
 */
final class Average {
  private final Kahan kahan = new Kahan();
  private double count;
  private boolean running;

  void add(double value) {
    count++;
    if (count == 1) {
      kahan.sum = value;
      return;
    }
    if (!running) {
      double sumBefore = kahan.sum;
      double compensationBefore = kahan.compensation;
      kahan.add(value);
      if (!Double.isInfinite(kahan.sum)) {
        return;
      }
      running = true;
      kahan.sum = sumBefore / (count - 1);
      kahan.compensation = compensationBefore / (count - 1);
    }
    double q = (count - 1) / count;
    kahan.sum *= q;
    kahan.compensation *= q;
    kahan.add(value / count);
  }

  double result() {
    return running
        ? kahan.sum + kahan.compensation
        : kahan.sum / count + kahan.compensation / count;
  }
}
