package dev.tocsin.alert.window;

import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.SampleCursor;
import dev.tocsin.promql.series.SelectRequest;
import dev.tocsin.promql.series.SeriesSet;
import java.util.List;

/**
 * What a selector found in the window. Not a copy: to be read where it was found, within {@link
 * LiveWindow#reading}.
 */
final class FoundSeries implements SeriesSet {
  private final List<WindowSeries> series;
  private final SelectRequest request;
  private final long lookbackMs;
  private int at = -1;

  FoundSeries(List<WindowSeries> series, SelectRequest request, long lookbackMs) {
    this.series = series;
    this.request = request;
    this.lookbackMs = lookbackMs;
  }

  @Override
  public boolean next() {
    return ++at < series.size();
  }

  @Override
  public Labels labels() {
    return series.get(at).labels();
  }

  @Override
  public SampleCursor samples() {
    return series.get(at).cursor(request.startMs(), request.endMs(), lookbackMs);
  }

  @Override
  public void close() {}
}
