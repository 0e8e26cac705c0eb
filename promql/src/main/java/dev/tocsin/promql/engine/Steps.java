package dev.tocsin.promql.engine;

/** The times a query is evaluated at: start, start + step ... {@code count} of them. */
record Steps(long startMs, long stepMs, int count) {
  static Steps at(long timeMs) {
    return new Steps(timeMs, 1, 1);
  }

  long time(int step) {
    return startMs + step * stepMs;
  }

  long endMs() {
    return time(count - 1);
  }
}
