package dev.tocsin.storage.read.trace;

import com.google.protobuf.ByteString;
import dev.tocsin.segment.core.Need;
import dev.tocsin.segment.span.SpanSegment;
import dev.tocsin.storage.ports.AnswerBytes;
import dev.tocsin.storage.ports.LogQuery.Direction;
import dev.tocsin.storage.ports.SpanMark;
import dev.tocsin.storage.ports.TimeRange;
import dev.tocsin.storage.query.Budget;
import dev.tocsin.storage.query.QueryPool;
import dev.tocsin.storage.read.scan.SegmentFilter;
import dev.tocsin.storage.read.scan.SegmentReads;
import dev.tocsin.storage.read.scan.SegmentScan;
import dev.tocsin.storage.read.scan.SegmentTable;
import dev.tocsin.storage.read.scan.Stored;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import io.vertx.sqlclient.Pool;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads one trace, some segments and some spans at a time. Used by one thread. */
final class TraceById {
  private static final int SEGMENTS_AT_ONCE = 8;
  private static final int SPANS_PER_SLICE = 500;

  /** What remembering a span takes: an estimate. */
  private static final int SEEN_BYTES = 136;

  /** Far enough, and times that the database can hold. */
  private static final TimeRange ALWAYS =
      new TimeRange(Instant.EPOCH, Instant.parse("2290-01-01T00:00:00Z"));

  /** Takes a chunk; may block until it is taken away. */
  interface Sink {
    void accept(TracesData chunk) throws Exception;
  }

  private record Found(SpanSegment segment, List<Integer> rows) {}

  private final QueryPool queries;
  private final Budget budget;
  private final ByteString traceId;
  private final SegmentScan<SpanSegment> scan;
  private final SegmentReads<SpanSegment> reads;
  private final Set<SpanMark> seen = new HashSet<>();
  private TracesData.Builder chunk = TracesData.newBuilder();
  private long chunkSize;
  private long spans;

  TraceById(
      Pool pool, QueryPool queries, Budget budget, ByteString traceId, Optional<TimeRange> around) {
    this.queries = queries;
    this.budget = budget;
    this.traceId = traceId;
    this.scan =
        new SegmentScan<>(
            pool,
            budget,
            SegmentTable.SPANS,
            SegmentFilter.spans().trace(traceId),
            around.orElse(ALWAYS),
            Direction.OLDEST_FIRST,
            SEGMENTS_AT_ONCE);
    this.reads = new SegmentReads<>(pool, budget, SegmentTable.SPANS);
  }

  /** Returns the number of spans. */
  long read(int chunkBytes, Sink sink) throws Exception {
    budget.byIndex();
    for (List<Stored<SpanSegment>> batch = scan.next(); !batch.isEmpty(); batch = scan.next()) {
      reads.fetch(batch, Need.ALL, Optional.empty());
      for (Found found : queries.forEach(batch, this::find)) {
        pass(found, chunkBytes, sink);
      }
      reads.release(batch);
    }
    if (chunkSize > 0) {
      flush(sink);
    }
    return spans;
  }

  private Found find(Stored<SpanSegment> stored) {
    int[] rows = stored.segment.rowsOfTrace(traceId);
    return new Found(stored.segment, Arrays.stream(rows).boxed().toList());
  }

  private void pass(Found found, int chunkBytes, Sink sink) throws Exception {
    List<Integer> rows = found.rows();
    for (int from = 0; from < rows.size(); from += SPANS_PER_SLICE) {
      budget.check();
      List<Integer> slice = rows.subList(from, Math.min(rows.size(), from + SPANS_PER_SLICE));
      budget.hold((long) SEEN_BYTES * slice.size());
      for (ResourceSpans resource : found.segment().resourceSpans(slice)) {
        for (ScopeSpans scope : resource.getScopeSpansList()) {
          pass(resource, scope, chunkBytes, sink);
        }
      }
    }
  }

  /** A client that missed an answer sends again what was already stored: such copies go once. */
  private void pass(ResourceSpans resource, ScopeSpans scope, int chunkBytes, Sink sink)
      throws Exception {
    ScopeSpans.Builder fresh = scope.toBuilder().clearSpans();
    long size = resource.getResource().getSerializedSize();
    long origin = SpanMark.origin(resource, scope);
    for (Span span : scope.getSpansList()) {
      if (!seen.add(SpanMark.of(origin, span))) {
        continue;
      }
      if (fresh.getSpansCount() > 0 && chunkSize + size + span.getSerializedSize() > chunkBytes) {
        add(resource, fresh, size);
        flush(sink);
        fresh = scope.toBuilder().clearSpans();
        size = resource.getResource().getSerializedSize();
      }
      fresh.addSpans(span);
      size += span.getSerializedSize();
      spans++;
    }
    if (fresh.getSpansCount() > 0) {
      add(resource, fresh, size);
      if (chunkSize >= chunkBytes) {
        flush(sink);
      }
    }
  }

  private void add(ResourceSpans resource, ScopeSpans.Builder scope, long size) {
    chunk.addResourceSpans(resource.toBuilder().clearScopeSpans().addScopeSpans(scope));
    chunkSize += size;
  }

  private void flush(Sink sink) throws Exception {
    TracesData taken = chunk.build();
    chunk = TracesData.newBuilder();
    chunkSize = 0;
    // Texts may be twice as wide as they are stored; then the answer is made of them.
    long size = 2L * taken.getSerializedSize();
    budget.hold(size);
    long answer = AnswerBytes.COPIES * AnswerBytes.of(taken);
    budget.hold(answer);
    sink.accept(taken);
    budget.release(size + answer);
  }
}
