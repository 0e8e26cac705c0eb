package dev.tocsin.segment.merge;

import dev.tocsin.segment.span.EncodedSpans;
import dev.tocsin.segment.span.SpanNames;
import dev.tocsin.segment.span.SpanRow;
import dev.tocsin.segment.span.SpanSegment;
import dev.tocsin.segment.span.SpanSegments;
import dev.tocsin.segment.span.SpanSink;
import dev.tocsin.segment.summary.TraceBlock;
import dev.tocsin.segment.summary.TraceTable;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Many span segments to one. Pure. */
public final class SpanMerge {
  private SpanMerge() {}

  /** The merged segment and its traces. */
  public record Merged(EncodedSpans segment, TraceBlock traces) {}

  /**
   * @param segments at least one, of the same hour; each is used until the next is asked for
   * @param bytesMax of all spans together
   * @throws TooLargeException when they take more
   */
  public static Merged of(Iterable<SpanSegment> segments, long bytesMax) {
    MergedRows rows = new MergedRows(bytesMax);
    for (SpanSegment segment : segments) {
      for (int row = 0; row < segment.count(); row++) {
        Span span = segment.span(row);
        rows.add(segment.origin(row), span, span.getStartTimeUnixNano());
      }
    }
    Traces traces = new Traces();
    EncodedSpans merged = SpanSegments.encode(rows.rows(), traces);
    return new Merged(merged, Objects.requireNonNull(traces.block));
  }

  /** Of what is summed up beside a segment, a merge changes nothing but its traces. */
  private static final class Traces implements SpanSink {
    private @Nullable TraceTable table;
    @Nullable TraceBlock block;

    @Override
    public boolean wants(String attributeKey) {
      return false;
    }

    @Override
    public void begin(SpanNames names) {
      table = new TraceTable(names);
    }

    @Override
    public void add(SpanRow row) {
      Objects.requireNonNull(table).add(row);
    }

    @Override
    public void end() {
      block = Objects.requireNonNull(table).toBlock();
    }
  }
}
