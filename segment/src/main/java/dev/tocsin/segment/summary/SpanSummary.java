package dev.tocsin.segment.summary;

import dev.tocsin.segment.span.EncodedSpans;
import java.util.List;

/**
 * What one flush of spans changes in the tables beside the segments.
 *
 * @param operations those of the spans, each once
 * @param traces one for each segment, with its {@code minNanos}
 */
public record SpanSummary(
    List<EncodedSpans.Operation> operations,
    List<RedBlock> red,
    List<TraceBlock> traces,
    List<EdgeBlock> edges,
    List<ExceptionRow> exceptions) {

  /** Of a flush without spans. */
  public static final SpanSummary NONE =
      new SpanSummary(List.of(), List.of(), List.of(), List.of(), List.of());

  /** Of a merge, which changes no counts. */
  public static SpanSummary ofTraces(TraceBlock traces) {
    return new SpanSummary(List.of(), List.of(), List.of(traces), List.of(), List.of());
  }
}
