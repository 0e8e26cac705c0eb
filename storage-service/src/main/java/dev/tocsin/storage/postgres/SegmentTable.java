package dev.tocsin.storage.postgres;

import dev.tocsin.storage.segment.LogSegment;
import dev.tocsin.storage.segment.Segment;
import dev.tocsin.storage.segment.SpanSegment;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Where segments of one kind are.
 *
 * @param blobs columns in the order of the segment's blobs
 * @param empty makes a segment of a format without its blobs
 */
record SegmentTable<S extends Segment>(String name, List<String> blobs, IntFunction<S> empty) {
  static final SegmentTable<SpanSegment> SPANS =
      new SegmentTable<>(Partitions.SPANS, SpanSegment.BLOBS, SpanSegment::new);
  static final SegmentTable<LogSegment> LOGS =
      new SegmentTable<>(Partitions.LOGS, LogSegment.BLOBS, LogSegment::new);
}
