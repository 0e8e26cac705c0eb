package dev.tocsin.app.bench;

/**
 * When the requests of one lane are due, in nanoseconds of the monotonic clock. In an open loop
 * they are due at fixed times, whatever became of those before; in a closed loop each is due when
 * there is room for it.
 *
 * @param startNanos when the run begins
 * @param endNanos from when on nothing is sent
 * @param requestsPerSecond of all lanes together; 0 for a closed loop
 * @param lane number of this lane, from 0
 * @param lanes how many share the work
 */
record Schedule(long startNanos, long endNanos, double requestsPerSecond, int lane, int lanes) {
  private static final double NANOS_PER_SECOND = 1e9;

  /** The number within the run of this lane's n-th request. */
  long sequence(long n) {
    return n * lanes + lane;
  }

  /** When this lane's n-th request is due, asked at {@code nowNanos}. */
  long dueNanos(long n, long nowNanos) {
    if (requestsPerSecond == 0) {
      return nowNanos;
    }
    return startNanos + Math.round(sequence(n) * (NANOS_PER_SECOND / requestsPerSecond));
  }
}
