package dev.tocsin.storage.write.consume;

import dev.tocsin.otlp.wire.RecentItems;
import dev.tocsin.otlp.wire.Signal;
import dev.tocsin.segment.core.ItemRows;
import dev.tocsin.segment.core.Source;
import dev.tocsin.segment.span.EncodedSpans;
import dev.tocsin.segment.span.SpanSegments;
import dev.tocsin.segment.summary.OperationId;
import dev.tocsin.segment.summary.SpanSummarizer;
import dev.tocsin.segment.summary.SpanSummary;
import dev.tocsin.storage.ports.Batch;
import java.time.InstantSource;
import java.util.List;

/** Spans, by when they began. */
final class SpanItems implements ItemBuffer.Items {
  /** Ids of operations: their names may be long. */
  private final RecentlySeen<Long> catalogued;

  /**
   * Spans that their senders sent again: they count once. Of this buffer alone, so that nothing is
   * taken for known that was never stored.
   */
  private final RecentItems recent;

  /** Lives as long as the partition is owned. */
  private final SpanSummarizer summarizer;

  private volatile List<EncodedSpans.Operation> offered = List.of();

  SpanItems(InstantSource clock) {
    this.catalogued = new RecentlySeen<>(clock);
    this.recent = RecentItems.ofProcess(clock);
    this.summarizer = new SpanSummarizer(clock);
  }

  @Override
  public Signal signal() {
    return Signal.TRACES;
  }

  @Override
  public String named(int count, Window window) {
    return count + " spans (expected: start " + window + ")";
  }

  @Override
  public long nanos(byte[] bytes, int from, int to, long arrivedNanos) {
    return SpanSegments.startNanos(bytes, from, to);
  }

  @Override
  public boolean isNew(Source source, byte[] bytes, int from, int to) {
    return recent.isNew(source.mark(), bytes, from, to);
  }

  @Override
  public Batch.Content encode(List<ItemRows> hours, long offset) {
    List<EncodedSpans> parts =
        hours.stream().map(hour -> SpanSegments.encode(hour, summarizer)).toList();
    SpanSummary summary = summarizer.drain(offset);
    offered =
        summary.operations().stream()
            .filter(operation -> catalogued.isNew(OperationId.of(operation)))
            .toList();
    return new Batch.Spans(parts, offered, summary);
  }

  @Override
  public void stored() {
    catalogued.addAll(offered.stream().map(OperationId::of).toList());
  }
}
