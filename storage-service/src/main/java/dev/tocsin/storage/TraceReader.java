package dev.tocsin.storage;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.trace.v1.TracesData;
import io.vertx.core.Future;
import java.util.List;

/**
 * Stored traces. Thread-safe; nothing blocks the caller. A query that would read more than its
 * budget of bytes or time fails with {@link QueryLimitException}.
 */
public interface TraceReader {

  /**
   * Every span of a trace with its resource and scope, as they came; equal spans that were sent
   * twice once. Empty when the trace is not known.
   */
  Future<TracesData> trace(ByteString traceId);

  /** Traces with a span that meets the query, those with the newest such span first. */
  Future<List<TraceSummary>> search(TraceQuery query);

  /** Names of all services seen, ascending. */
  Future<List<String>> services();

  /** What a service does, by name and kind; at most a thousand. */
  Future<List<Operation>> operations(String service);

  /** A span name and OTLP span kind. */
  record Operation(String name, int kind) {}
}
