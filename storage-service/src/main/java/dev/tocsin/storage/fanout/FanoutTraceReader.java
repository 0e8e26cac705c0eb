package dev.tocsin.storage.fanout;

import com.google.protobuf.ByteString;
import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.FoundTraces;
import dev.tocsin.storage.ports.TimeRange;
import dev.tocsin.storage.ports.TraceCursor;
import dev.tocsin.storage.ports.TracePage;
import dev.tocsin.storage.ports.TracePiece;
import dev.tocsin.storage.ports.TraceQuery;
import dev.tocsin.storage.ports.TraceReader;
import io.opentelemetry.proto.trace.v1.TracesData;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/** Traces of several databases; the spans of one may lie in several of them. */
final class FanoutTraceReader implements TraceReader {
  private static final int SERVICES_MAX = 10_000;
  private static final int OPERATIONS_MAX = 1_000;

  private final Members<TraceReader> members;

  FanoutTraceReader(Map<String, TraceReader> readers) {
    members = new Members<>(readers);
  }

  /**
   * Chunks of all databases go to the sink one after the other. The first of each waits until all
   * have answered or one has more: so a database that is away fails an answer before it has begun,
   * unless the trace is large. Nobody waits for another, who may have to wait for a thread.
   */
  private static final class Line {
    private final Function<TracesData, Future<Void>> sink;
    private final List<TracesData> held = new ArrayList<>();
    private boolean open;
    private Future<Void> last = Future.succeededFuture();

    Line(Function<TracesData, Future<Void>> sink) {
      this.sink = sink;
    }

    /**
     * @param first whether it is the first of its database
     */
    synchronized Future<Void> pass(TracesData chunk, boolean first) {
      if (first && !open) {
        held.add(chunk);
        return Future.succeededFuture();
      }
      open();
      last = last.compose(passed -> sink.apply(chunk));
      return last;
    }

    /** Lets pass what was held back. */
    synchronized Future<Void> open() {
      open = true;
      for (TracesData chunk : held) {
        last = last.compose(passed -> sink.apply(chunk));
      }
      held.clear();
      return last;
    }
  }

  @Override
  public Future<Long> stream(
      ByteString traceId,
      Optional<TimeRange> around,
      int chunkBytes,
      Function<TracesData, Future<Void>> sink,
      Cancellation cancellation) {
    UnseenSpans unseen = new UnseenSpans();
    Line line = new Line(sink);
    return members
        .all(
            cancellation,
            (reader, part) -> {
              AtomicBoolean first = new AtomicBoolean(true);
              Function<TracesData, Future<Void>> each =
                  chunk -> {
                    TracesData fresh = unseen.of(chunk);
                    return fresh.getResourceSpansCount() == 0
                        ? Future.succeededFuture()
                        : line.pass(fresh, first.getAndSet(false));
                  };
              return reader.stream(traceId, around, chunkBytes, each, part);
            })
        .compose(counts -> line.open())
        .map(passed -> unseen.count());
  }

  @Override
  public Future<TracesData> trace(
      ByteString traceId, Optional<TimeRange> around, Cancellation cancellation) {
    return members
        .all(cancellation, (reader, part) -> reader.trace(traceId, around, part))
        .map(
            parts -> {
              UnseenSpans unseen = new UnseenSpans();
              TracesData.Builder whole = TracesData.newBuilder();
              parts.forEach(part -> whole.mergeFrom(unseen.of(part)));
              return whole.build();
            });
  }

  @Override
  public Future<TracePage> search(TraceQuery query, Cancellation cancellation) {
    return members.query(cancellation, parts -> fill(new TracePageMerge(query), parts));
  }

  /** Looks on until the page is full; its steps are bounded by the query's time. */
  private Future<TracePage> fill(TracePageMerge page, Cancellation parts) {
    TraceQuery rest = page.rest();
    return members
        .all(reader -> reader.find(rest, parts))
        .compose(
            lists -> {
              FoundTraces found = TracePageMerge.newest(lists, rest.limit());
              if (found.places().isEmpty()) {
                return Future.succeededFuture(page.add(found, List.of()));
              }
              return members
                  .all(reader -> reader.pieces(rest, found.places(), parts))
                  .map(pieces -> page.add(found, pieces));
            })
        .compose(done -> done ? Future.succeededFuture(page.page()) : fill(page, parts));
  }

  @Override
  public Future<FoundTraces> find(TraceQuery query, Cancellation cancellation) {
    return members
        .all(cancellation, (reader, part) -> reader.find(query, part))
        .map(lists -> TracePageMerge.newest(lists, query.limit()));
  }

  @Override
  public Future<List<TracePiece>> pieces(
      TraceQuery query, List<TraceCursor> found, Cancellation cancellation) {
    return members
        .all(cancellation, (reader, part) -> reader.pieces(query, found, part))
        .map(lists -> List.copyOf(TracePageMerge.whole(lists).values()));
  }

  @Override
  public Future<List<String>> services() {
    return members
        .all(TraceReader::services)
        .map(lists -> SortedLists.union(lists, Comparator.naturalOrder(), SERVICES_MAX));
  }

  @Override
  public Future<List<Operation>> operations(String service, Optional<Integer> kind) {
    Comparator<Operation> order =
        Comparator.comparing(Operation::name).thenComparingInt(Operation::kind);
    return members
        .all(reader -> reader.operations(service, kind))
        .map(lists -> SortedLists.union(lists, order, OPERATIONS_MAX));
  }
}
