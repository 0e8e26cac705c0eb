package dev.tocsin.storage.merge;

import dev.tocsin.storage.segment.EncodedSpans;
import dev.tocsin.storage.segment.SpanItem;
import dev.tocsin.storage.segment.SpanNames;
import dev.tocsin.storage.segment.SpanRow;
import dev.tocsin.storage.segment.SpanSegment;
import dev.tocsin.storage.segment.SpanSegments;
import dev.tocsin.storage.segment.SpanSink;
import dev.tocsin.storage.summary.TraceBlock;
import dev.tocsin.storage.summary.TraceTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

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
    Traces traces = new Traces();
    EncodedSpans merged = SpanSegments.encode(items, traces);
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
