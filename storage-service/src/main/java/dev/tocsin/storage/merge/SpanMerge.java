package dev.tocsin.storage.merge;

import dev.tocsin.storage.segment.EncodedSpans;
import dev.tocsin.storage.segment.SpanItem;
import dev.tocsin.storage.segment.SpanSegment;
import dev.tocsin.storage.segment.SpanSegments;
import dev.tocsin.storage.summary.SpanSummarizer;
import dev.tocsin.storage.summary.TraceBlock;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

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
    for (SpanSegment segment : segments) {
      for (int row = 0; row < segment.count(); row++) {
        items.add(new SpanItem(segment.origin(row), segment.span(row)));
      }
    }
    SpanSummarizer summarizer = new SpanSummarizer(InstantSource.system());
    EncodedSpans merged = SpanSegments.encode(items, summarizer);
    return new Merged(merged, summarizer.drain(0).traces().get(0));
  }
}
