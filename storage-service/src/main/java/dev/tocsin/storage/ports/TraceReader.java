package dev.tocsin.storage.ports;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.trace.v1.TracesData;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Stored traces, as the APIs of Jaeger (storage v2) and Tempo need them too. Thread-safe; nothing
 * blocks the caller. A query that would use more than its share of bytes, memory or time fails with
 * {@link QueryLimitException}.
 */
public interface TraceReader {

  /**
   * Every span of a trace with its resource and scope, as they came; equal spans that were sent
   * twice once. Passed on in chunks of about {@code chunkBytes} (serialized; a single larger span
   * makes a larger chunk), none empty, in no order; the next chunk is read when the future of the
   * one before is done.
   *
   * @param around when given, only segments of that time are looked at: faster, and right when the
   *     trace lies within
   * @param sink takes a chunk on the query's thread; a failed future ends the query with its cause
   * @return the number of spans; 0 when the trace is not known
   */
  Future<Long> stream(
      ByteString traceId,
      Optional<TimeRange> around,
      int chunkBytes,
      Function<TracesData, Future<Void>> sink,
      Cancellation cancellation);

  /** As {@link #stream}, in one piece; for traces known to be small. */
  Future<TracesData> trace(
      ByteString traceId, Optional<TimeRange> around, Cancellation cancellation);

  /**
   * Traces with a span that meets the query, those with the newest such span first, each summed up
   * over all of its spans.
   */
  Future<TracePage> search(TraceQuery query, Cancellation cancellation);

  /** Ids only, in the same order, without reading the rest of the traces. */
  Future<FoundTraces> find(TraceQuery query, Cancellation cancellation);

  /**
   * What is stored here of traces, matching spans or not, in any order; nothing of unknown ones.
   *
   * @param query which found them
   * @param found newest first; all of their spans count, however long the trace lasts, unless it is
   *     in so many segments that the piece says it is partial
   */
  Future<List<TracePiece>> pieces(
      TraceQuery query, List<TraceCursor> found, Cancellation cancellation);

  /** Names of all services seen, ascending. */
  Future<List<String>> services();

  /**
   * What a service does, by name and kind; at most a thousand.
   *
   * @param kind only operations of that OTLP span kind
   */
  Future<List<Operation>> operations(String service, Optional<Integer> kind);

  /** A span name and OTLP span kind. */
  record Operation(String name, int kind) {}
}
