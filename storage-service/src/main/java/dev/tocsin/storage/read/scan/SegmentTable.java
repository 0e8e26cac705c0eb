package dev.tocsin.storage.read.scan;

import dev.tocsin.segment.core.Segment;
import dev.tocsin.segment.log.LogSegment;
import dev.tocsin.segment.span.SpanSegment;
import dev.tocsin.storage.keep.partition.Partitions;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Where segments of one kind are.
 *
 * @param blobs columns in the order of the segment's blobs
 * @param empty makes a segment of a format without its blobs
 */
public record SegmentTable<S extends Segment>(
    String name, List<String> blobs, IntFunction<S> empty) {
  public static final SegmentTable<SpanSegment> SPANS =
      new SegmentTable<>(Partitions.SPANS, SpanSegment.BLOBS, SpanSegment::new);
  public static final SegmentTable<LogSegment> LOGS =
      new SegmentTable<>(Partitions.LOGS, LogSegment.BLOBS, LogSegment::new);
}
