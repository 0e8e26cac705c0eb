package dev.tocsin.storage.merge;

import dev.tocsin.storage.segment.EncodedSpans;
import dev.tocsin.storage.segment.SpanItem;
import dev.tocsin.storage.segment.SpanSegment;
import dev.tocsin.storage.segment.SpanSegments;
import dev.tocsin.storage.summary.TraceBlock;
import dev.tocsin.storage.summary.TraceTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Many span segments to one. Pure. */
public final class SpanMerge {
  private SpanMerge() {}

  /** The merged segment and its traces. */
  public record Merged(EncodedSpans segment, TraceBlock traces) {}

  /**
   * @param segments at least one, of the same hour
   */
  public static Merged of(List<SpanSegment> segments) {
    List<SpanItem> items = new ArrayList<>();
    TraceTable traces = new TraceTable();
    for (SpanSegment segment : segments) {
      for (int row = 0; row < segment.count(); row++) {
        items.add(new SpanItem(segment.origin(row), segment.span(row)));
        traces.add(
            segment.service(row),
            segment.traceId(row),
            segment.parentId(row),
            segment.name(row),
            segment.status(row),
            segment.startNanos(row),
            segment.startNanos(row) + segment.durationNanos(row));
      }
    }
    return new Merged(SpanSegments.encode(items), Objects.requireNonNull(traces.toBlock()));
  }
}
