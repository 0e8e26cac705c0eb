package dev.tocsin.storage.read.trace;

import com.google.protobuf.ByteString;
import dev.tocsin.storage.ports.TraceCursor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The first traces of the order found so far, after a place of it. Not thread-safe. */
final class NewestTraces {
  private final int limit;
  private final TraceCursor after;
  private final Set<ByteString> excluded;
  private final Map<ByteString, Long> newest = new HashMap<>();

  /**
   * @param excluded traces that are known already
   */
  NewestTraces(int limit, TraceCursor after, Set<ByteString> excluded) {
    this.limit = limit;
    this.after = after;
    this.excluded = excluded;
  }

  void add(ByteString traceId, long startNanos) {
    if (new TraceCursor(startNanos, traceId).compareTo(after) > 0 && !excluded.contains(traceId)) {
      newest.merge(traceId, startNanos, Math::max);
    }
  }

  void addAll(Map<ByteString, Long> found) {
    found.forEach(this::add);
  }

  /** Whether nothing older than that time can change the answer. Drops what is beyond the limit. */
  boolean isSettledBefore(long nanos) {
    if (newest.size() < limit) {
      return false;
    }
    List<TraceCursor> kept = inOrder();
    newest.keySet().retainAll(kept.stream().map(TraceCursor::traceId).toList());
    return kept.get(kept.size() - 1).nanos() >= nanos;
  }

  List<TraceCursor> inOrder() {
    return newest.entrySet().stream()
        .map(entry -> new TraceCursor(entry.getValue(), entry.getKey()))
        .sorted()
        .limit(limit)
        .toList();
  }
}
