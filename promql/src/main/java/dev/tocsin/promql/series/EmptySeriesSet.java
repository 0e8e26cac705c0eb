package dev.tocsin.promql.series;

final class EmptySeriesSet implements SeriesSet {
  @Override
  public boolean next() {
    return false;
  }

  @Override
  public Labels labels() {
    throw new IllegalStateException("no series");
  }

  @Override
  public SampleCursor samples() {
    throw new IllegalStateException("no series");
  }

  @Override
  public void close() {}
}
