package dev.tocsin.storage.http;

import com.google.protobuf.ByteString;
import dev.tocsin.common.http.Problem;
import dev.tocsin.common.http.ProblemException;
import dev.tocsin.otlp.json.OtlpJson;
import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.LogCondition;
import dev.tocsin.storage.ports.LogQuery;
import dev.tocsin.storage.ports.LogReader;
import dev.tocsin.storage.ports.TimeRange;
import dev.tocsin.storage.ports.TraceReader;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Sends a trace as OTLP/JSON with its logs inside, a chunk at a time: memory stays the same however
 * large the trace is. The next chunk is read when the client took the one before.
 */
final class TraceStream {
  private static final int CHUNK_BYTES = 512 << 10;

  /** Logs of a trace may begin before its first span and end after its last. */
  private static final Duration LOGS_AROUND = Duration.ofMinutes(15);

  private final TraceReader traces;
  private final LogReader logs;
  private final int logsMax;

  TraceStream(TraceReader traces, LogReader logs, int logsMax) {
    this.traces = traces;
    this.logs = logs;
    this.logsMax = logsMax;
  }

  /** What was sent so far; touched by one thread after the other. */
  private static final class Sent {
    boolean begun;
    long earliest = Long.MAX_VALUE;
    long latest;

    void see(TracesData chunk) {
      for (ResourceSpans resource : chunk.getResourceSpansList()) {
        for (ScopeSpans scope : resource.getScopeSpansList()) {
          for (Span span : scope.getSpansList()) {
            earliest = Math.min(earliest, span.getStartTimeUnixNano());
            latest = Math.max(latest, span.getEndTimeUnixNano());
          }
        }
      }
    }

    TimeRange range() {
      // However long it lasted: the index finds its logs, and days that are not kept cost nothing.
      long last = Math.max(earliest, latest);
      return new TimeRange(
          Instant.ofEpochSecond(0, earliest).minus(LOGS_AROUND),
          Instant.ofEpochSecond(0, last).plus(LOGS_AROUND));
    }
  }

  void send(
      RoutingContext routing, ByteString traceId, Optional<TimeRange> around, boolean withLogs) {
    HttpServerResponse response = routing.response();
    Cancellation cancellation = Answers.cancellation(routing);
    Sent sent = new Sent();
    traces.stream(traceId, around, CHUNK_BYTES, chunk -> write(response, sent, chunk), cancellation)
        .compose(
            spans -> {
              if (spans == 0) {
                String detail = "no trace " + OtlpJson.hex(traceId) + " is stored";
                return Future.failedFuture(new ProblemException(Problem.notFound(detail)));
              }
              return withLogs ? logs(traceId, sent, cancellation) : Future.succeededFuture("]}");
            })
        .compose(tail -> response.end(tail))
        .onFailure(
            failure -> {
              if (sent.begun) {
                // Too late for a status: the client must not take this for a whole answer.
                response.reset();
              } else {
                Answers.fail(routing, failure);
              }
            });
  }

  private Future<Void> write(HttpServerResponse response, Sent sent, TracesData chunk) {
    sent.see(chunk);
    Future<Void> written = Future.succeededFuture();
    for (ResourceSpans resource : chunk.getResourceSpansList()) {
      String before = ",";
      if (!sent.begun) {
        sent.begun = true;
        response.setChunked(true).putHeader("content-type", "application/json");
        before = "{\"resourceSpans\":[";
      }
      String separator = before;
      // One after the other, so that one is made at a time however many a chunk has.
      written =
          written.compose(
              done ->
                  response
                      .write(separator)
                      .compose(ready -> response.write(OtlpJson.USUAL.write(resource).toBuffer())));
    }
    return written;
  }

  private Future<String> logs(ByteString traceId, Sent sent, Cancellation cancellation) {
    LogQuery query =
        new LogQuery(
            new LogCondition.Trace(traceId),
            sent.range(),
            LogQuery.Direction.OLDEST_FIRST,
            logsMax,
            Optional.empty());
    return logs.search(query, cancellation)
        .map(
            page ->
                "],\"logs\":"
                    + LogJson.list(page.logs()).encode()
                    + ",\"logsTruncated\":"
                    + page.next().isPresent()
                    + "}");
  }
}
