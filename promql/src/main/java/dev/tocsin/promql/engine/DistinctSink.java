package dev.tocsin.promql.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Gathers series whose names are gone already and joins those that now have equal labels. */
final class DistinctSink implements Consumer<StepSeries> {
  private final QueryState state;
  private final List<StepSeries> series = new ArrayList<>();

  DistinctSink(QueryState state) {
    this.state = state;
  }

  @Override
  public void accept(StepSeries one) {
    series.add(one);
  }

  void drain(Consumer<StepSeries> sink) {
    state.distinct(series).forEach(sink);
  }
}
