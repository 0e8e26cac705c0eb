package dev.tocsin.storage.postgres;

import com.google.protobuf.ByteString;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The newest traces found so far, by the start of their newest span that was found. */
final class NewestTraces {
  private final int limit;
  private final Map<ByteString, Long> newest = new HashMap<>();

  NewestTraces(int limit) {
    this.limit = limit;
  }

  void add(ByteString traceId, long startNanos) {
    newest.merge(traceId, startNanos, Math::max);
  }

  /** Whether nothing older than that time can change the answer. Drops what is beyond the limit. */
  boolean isSettledBefore(long nanos) {
    if (newest.size() < limit) {
      return false;
    }
    List<ByteString> kept = newestFirst();
    newest.keySet().retainAll(kept);
    return newest.values().stream().allMatch(start -> start >= nanos);
  }

  List<ByteString> newestFirst() {
    return newest.entrySet().stream()
        .sorted(
            Map.Entry.<ByteString, Long>comparingByValue(Comparator.reverseOrder())
                .thenComparing(
                    Map.Entry.comparingByKey(ByteString.unsignedLexicographicalComparator())))
        .limit(limit)
        .map(Map.Entry::getKey)
        .toList();
  }
}
