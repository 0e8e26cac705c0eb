package dev.tocsin.promql.engine;

import dev.tocsin.promql.series.SampleCursor;

/** A cursor over nothing. */
final class EmptyCursor implements SampleCursor {
  static final EmptyCursor INSTANCE = new EmptyCursor();

  private EmptyCursor() {}

  @Override
  public boolean next() {
    return false;
  }

  @Override
  public long timestampMs() {
    throw new IllegalStateException("no sample");
  }

  @Override
  public double value() {
    throw new IllegalStateException("no sample");
  }
}
