package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.AtModifier;
import dev.tocsin.promql.ast.TimeShift;
import org.jspecify.annotations.Nullable;

/** Maps a step to the time a selector looks at: {@code @} pins it, {@code offset} shifts it. */
final class SelectorTimes {
  private final Steps steps;
  private final @Nullable Long pinnedMs;
  private final long offsetMs;

  SelectorTimes(QueryState state, Steps steps, TimeShift shift) {
    this.steps = steps;
    this.offsetMs = shift.offsetMs(state.scope);
    AtModifier at = shift.at();
    this.pinnedMs = at == null ? null : (Long) at.resolve(state.startMs, state.endMs);
  }

  long time(int step) {
    return (pinnedMs == null ? steps.time(step) : pinnedMs) - offsetMs;
  }

  long first() {
    return time(0);
  }

  long last() {
    return time(steps.count() - 1);
  }
}
