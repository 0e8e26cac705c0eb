package dev.tocsin.storage.postgres;

import com.google.protobuf.ByteString;
import dev.tocsin.storage.TraceSummary;
import dev.tocsin.storage.segment.SpanSegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Sums up traces from the spans of their segments. */
final class Summaries {
  private static final int STATUS_ERROR = 2;

  private static final class Sum {
    String rootService = "";
    String rootOperation = "";
    boolean rootFound;
    long rootNanos = Long.MAX_VALUE;
    long startNanos = Long.MAX_VALUE;
    long endNanos = Long.MIN_VALUE;
    int spans;
    int errors;
    final TreeSet<String> services = new TreeSet<>();
  }

  private final Map<ByteString, Sum> sums = new LinkedHashMap<>();

  /**
   * @param traceIds in the order of the answer
   */
  Summaries(List<ByteString> traceIds) {
    traceIds.forEach(id -> sums.put(id, new Sum()));
  }

  void add(SpanSegment segment) {
    sums.forEach(
        (traceId, sum) -> {
          for (int row : segment.rowsOfTrace(traceId)) {
            add(sum, segment, row);
          }
        });
  }

  private static void add(Sum sum, SpanSegment segment, int row) {
    long start = segment.startNanos(row);
    boolean root = segment.parentId(row).isEmpty();
    boolean better = root == sum.rootFound ? start < sum.rootNanos : root;
    if (better) {
      sum.rootService = segment.service(row);
      sum.rootOperation = segment.name(row);
      sum.rootFound = root;
      sum.rootNanos = start;
    }
    sum.startNanos = Math.min(sum.startNanos, start);
    sum.endNanos = Math.max(sum.endNanos, start + segment.durationNanos(row));
    sum.spans++;
    sum.errors += segment.status(row) == STATUS_ERROR ? 1 : 0;
    sum.services.add(segment.service(row));
  }

  List<TraceSummary> inOrder() {
    return sums.entrySet().stream()
        .filter(entry -> entry.getValue().spans > 0)
        .map(Summaries::summary)
        .toList();
  }

  private static TraceSummary summary(Map.Entry<ByteString, Sum> entry) {
    Sum sum = entry.getValue();
    return new TraceSummary(
        entry.getKey(),
        sum.rootService,
        sum.rootOperation,
        sum.startNanos,
        sum.endNanos - sum.startNanos,
        sum.spans,
        sum.errors,
        List.copyOf(sum.services));
  }
}
