package dev.tocsin.storage.summary;

import com.google.protobuf.ByteString;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Sums up the spans of one partition, flush by flush. What a span says beside its own fields is
 * told first: {@link #attribute} for keys that {@link #wants} and {@link #exception} for its events
 * of that name; {@link #add} counts the span. Lives as long as the partition is owned, since the
 * sides of a call come in different flushes. Not thread-safe.
 */
public final class SpanSummarizer {
  /** The name of a span event that tells of an exception. */
  public static final String EXCEPTION_EVENT = "exception";

  private static final long NANOS_PER_HOUR = 3_600_000_000_000L;

  private record Told(String type, String message, String stack) {}

  private final RedTable red;
  private final EdgeTable edges;
  private final ExceptionTable exceptions = new ExceptionTable();
  private final Map<Long, TraceTable> tracesByHour = new TreeMap<>();
  private final Peer peer = new Peer();
  private final List<Told> told = new ArrayList<>();

  public SpanSummarizer(InstantSource clock) {
    red = new RedTable(clock);
    edges = new EdgeTable(clock);
  }

  /** Whether an attribute of a span says something about the other side of its call. */
  public static boolean wants(String attributeKey) {
    return Peer.isTold(attributeKey);
  }

  /** An attribute of the span that {@link #add} will name, as text. */
  public void attribute(String key, String value) {
    peer.tell(key, value);
  }

  /** An exception of the span that {@link #add} will name; empty texts for what is not known. */
  public void exception(String type, String message, String stack) {
    told.add(new Told(type, message, stack));
  }

  /**
   * Counts a span and what was told of it.
   *
   * @param parentId empty for a root
   * @param status OTLP status code, 0 when it has none
   */
  public void add(
      String service,
      ByteString traceId,
      ByteString spanId,
      ByteString parentId,
      String name,
      int kind,
      int status,
      long startNanos,
      long endNanos) {
    long nanos = endNanos - startNanos;
    red.add(service, name, kind, status, startNanos, nanos);
    tracesByHour
        .computeIfAbsent(startNanos / NANOS_PER_HOUR, hour -> new TraceTable())
        .add(service, traceId, parentId, name, status, startNanos, endNanos);
    edges.add(service, traceId, spanId, parentId, kind, status, startNanos, nanos, peer);
    for (Told each : told) {
      exceptions.add(service, startNanos, traceId, each.type, each.message, each.stack);
    }
    forget();
  }

  /** Forgets what was told of a span that is not stored. */
  public void forget() {
    peer.clear();
    told.clear();
  }

  /** Everything since the last call. */
  public SpanSummary drain() {
    List<TraceBlock> traces =
        tracesByHour.values().stream()
            .map(TraceTable::toBlock)
            .filter(Objects::nonNull)
            .map(Objects::requireNonNull)
            .toList();
    tracesByHour.clear();
    return new SpanSummary(red.drain(), traces, edges.drain(), exceptions.drain());
  }
}
