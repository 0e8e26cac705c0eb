package dev.tocsin.segment.summary;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.segment.span.SpanNames;
import dev.tocsin.segment.span.SpanRow;
import dev.tocsin.segment.span.SpanSink;
import io.opentelemetry.proto.trace.v1.Span;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Sums up the spans of one partition, flush by flush, as they are encoded. Lives as long as the
 * partition is owned, since the sides of a call come in different flushes and the counts of a
 * minute go on. To be thrown away when what was drained is not stored. Not thread-safe.
 */
public final class SpanSummarizer implements SpanSink {
  private final RedTable red;
  private final EdgeTable edges;
  private final ExceptionTable exceptions = new ExceptionTable();
  private final List<TraceBlock> blocks = new ArrayList<>();

  private @Nullable SpanNames names;
  private @Nullable TraceTable traces;

  public SpanSummarizer(InstantSource clock) {
    red = new RedTable(clock);
    edges = new EdgeTable(clock);
  }

  @Override
  public boolean wants(String attributeKey) {
    return Peer.isTold(attributeKey);
  }

  @Override
  public void begin(SpanNames ofSegment) {
    names = ofSegment;
    traces = new TraceTable(ofSegment);
    red.begin(ofSegment);
    edges.begin();
  }

  @Override
  public void add(SpanRow row) {
    SpanNames ofSegment = names;
    TraceTable ofTraces = traces;
    if (ofSegment == null || ofTraces == null) {
      throw new IllegalStateException("a row before its segment began");
    }
    red.add(row);
    ofTraces.add(row);
    edges.add(ofSegment, row);
    for (int event = 0; event < row.events(); event++) {
      addEvent(ofSegment, row, event);
    }
  }

  private void addEvent(SpanNames ofSegment, SpanRow row, int event) {
    int from = row.eventFrom(event);
    int length = row.eventTo(event) - from;
    byte[] bytes = ofSegment.bytes();
    try {
      if (ExceptionTable.isException(bytes, from, length)) {
        int trace = row.trace();
        UUID traceId =
            TraceIds.uuid(bytes, ofSegment.traceFrom(trace), ofSegment.traceLength(trace));
        exceptions.add(
            ofSegment.service(row.service()),
            row.startNanos(),
            new ExceptionTable.Place(traceId, row.hasId() ? row.spanHash() : 0),
            Span.Event.parser().parseFrom(bytes, from, length).getAttributesList());
      }
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("an event that was scanned: " + e.getMessage(), e);
    }
  }

  @Override
  public void end() {
    TraceTable ofTraces = traces;
    if (ofTraces != null) {
      blocks.add(ofTraces.toBlock());
    }
    names = null;
    traces = null;
  }

  /**
   * What changed since the last call.
   *
   * @param offset of the first record of this flush
   */
  public SpanSummary drain(long offset) {
    SpanSummary summary =
        new SpanSummary(
            red.drainOperations(),
            red.drain(offset),
            List.copyOf(blocks),
            edges.drain(offset),
            exceptions.drain());
    blocks.clear();
    return summary;
  }
}
