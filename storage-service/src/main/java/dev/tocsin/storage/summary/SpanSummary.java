package dev.tocsin.storage.summary;

import dev.tocsin.storage.segment.EncodedSpans;
import java.util.List;

/**
 * What one flush of spans adds to the tables beside the segments.
 *
 * @param traces one for each segment, with its {@code minNanos}
 */
public record SpanSummary(
    List<RedRow> red, List<TraceBlock> traces, List<EdgeRow> edges, List<ExceptionRow> exceptions) {

  /** Of a flush without spans. */
  public static final SpanSummary NONE =
      new SpanSummary(List.of(), List.of(), List.of(), List.of());

  /** The operations that {@link #red} names, each once. */
  public List<EncodedSpans.Operation> operations() {
    return red.stream().map(RedRow::operation).distinct().toList();
  }
}
