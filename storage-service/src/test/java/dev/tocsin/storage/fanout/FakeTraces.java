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
import dev.tocsin.storage.ports.TraceSummary;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import io.vertx.core.Future;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A database in memory, by the words of the port and nothing else. */
final class FakeTraces implements TraceReader {
  private final Map<ByteString, List<FakeSpan>> traces;

  /**
   * @param matches whether it meets the condition of any query
   */
  record FakeSpan(
      ByteString traceId, long nanos, boolean matches, boolean root, String service, String name) {}

  private final Optional<Throwable> failure;
  private final boolean partial;

  FakeTraces(List<FakeSpan> spans) {
    this(spans, Optional.empty());
  }

  private FakeTraces(List<FakeSpan> spans, Optional<Throwable> failure) {
    this(spans, failure, false);
  }

  private FakeTraces(List<FakeSpan> spans, Optional<Throwable> failure, boolean partial) {
    this.traces = spans.stream().collect(Collectors.groupingBy(FakeSpan::traceId));
    this.failure = failure;
    this.partial = partial;
  }

  /** One that did not look at everything. */
  static FakeTraces partial(List<FakeSpan> spans) {
    return new FakeTraces(spans, Optional.empty(), true);
  }

  /** One that streams nothing but a failure. */
  static FakeTraces failing(Throwable failure) {
    return new FakeTraces(List.of(), Optional.of(failure));
  }

  /** All that match, in order. */
  List<TraceSummary> summaries() {
    return cursors(Long.MAX_VALUE).stream()
        .map(cursor -> piece(cursor.traceId()).summary())
        .toList();
  }

  private List<TraceCursor> cursors(long until) {
    return traces.keySet().stream()
        .flatMap(id -> newestMatch(id, until).map(nanos -> new TraceCursor(nanos, id)).stream())
        .sorted()
        .toList();
  }

  private Optional<Long> newestMatch(ByteString id, long until) {
    return traces.get(id).stream()
        .filter(span -> span.matches() && span.nanos() <= until)
        .map(FakeSpan::nanos)
        .max(Comparator.naturalOrder());
  }

  private TracePiece piece(ByteString id) {
    List<FakeSpan> spans = traces.get(id);
    FakeSpan root =
        spans.stream()
            .min(
                Comparator.comparing((FakeSpan span) -> !span.root())
                    .thenComparing(FakeSpan::nanos))
            .orElseThrow();
    long start = spans.stream().mapToLong(FakeSpan::nanos).min().orElseThrow();
    long end = spans.stream().mapToLong(FakeSpan::nanos).max().orElseThrow();
    return new TracePiece(
        new TraceSummary(
            id,
            "root",
            Long.toString(root.nanos()),
            start,
            end - start,
            spans.size(),
            0,
            List.copyOf(
                spans.stream()
                    .map(FakeSpan::service)
                    .collect(Collectors.toCollection(TreeSet::new))),
            false,
            false),
        root.root(),
        root.nanos(),
        newestMatch(id, Long.MAX_VALUE).orElse(Long.MIN_VALUE));
  }

  @Override
  public Future<FoundTraces> find(TraceQuery query, Cancellation cancellation) {
    long until = query.after().map(TraceCursor::nanos).orElse(Long.MAX_VALUE);
    List<TraceCursor> places =
        cursors(until).stream()
            .filter(found -> query.after().map(after -> found.compareTo(after) > 0).orElse(true))
            .limit(query.limit())
            .toList();
    return Future.succeededFuture(new FoundTraces(places, partial));
  }

  @Override
  public Future<List<TracePiece>> pieces(
      TraceQuery query, List<TraceCursor> found, Cancellation cancellation) {
    return Future.succeededFuture(
        found.stream()
            .map(TraceCursor::traceId)
            .filter(traces::containsKey)
            .map(this::piece)
            .toList());
  }

  @Override
  public Future<TracePage> search(TraceQuery query, Cancellation cancellation) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<Long> stream(
      ByteString traceId,
      Optional<TimeRange> around,
      int chunkBytes,
      Function<TracesData, Future<Void>> sink,
      Cancellation cancellation) {
    if (failure.isPresent()) {
      return Future.failedFuture(failure.get());
    }
    // A chunk a span.
    Future<Void> passed = Future.succeededFuture();
    List<FakeSpan> spans = traces.getOrDefault(traceId, List.of());
    for (FakeSpan span : spans) {
      passed = passed.compose(done -> sink.apply(chunk(span)));
    }
    return passed.map(done -> (long) spans.size());
  }

  private static TracesData chunk(FakeSpan span) {
    return TracesData.newBuilder()
        .addResourceSpans(
            ResourceSpans.newBuilder()
                .addScopeSpans(
                    ScopeSpans.newBuilder()
                        .addSpans(
                            Span.newBuilder()
                                .setTraceId(span.traceId())
                                .setName(span.name())
                                .setStartTimeUnixNano(span.nanos()))))
        .build();
  }

  @Override
  public Future<TracesData> trace(
      ByteString traceId, Optional<TimeRange> around, Cancellation cancellation) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<List<String>> services() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<List<Operation>> operations(String service, Optional<Integer> kind) {
    throw new UnsupportedOperationException();
  }
}
