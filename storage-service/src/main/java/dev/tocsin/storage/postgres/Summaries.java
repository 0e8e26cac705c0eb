package dev.tocsin.storage.postgres;

import com.google.protobuf.ByteString;
import dev.tocsin.storage.TimeRange;
import dev.tocsin.storage.TracePiece;
import dev.tocsin.storage.TraceSummary;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Sums up traces from the spans of their segments; knows the newest span that matched of each. */
final class Summaries {
  private static final int STATUS_ERROR = 2;

  private static final class Sum {
    String rootService = "";
    String rootOperation = "";
    boolean rootFound;
    long rootNanos = Long.MAX_VALUE;
    long startNanos = Long.MAX_VALUE;
    long endNanos = Long.MIN_VALUE;
    long newestMatch = Long.MIN_VALUE;
    int spans;
    int errors;
    final TreeSet<String> services = new TreeSet<>();
  }

  private final SpanMatcher matcher;
  private final TimeRange range;
  private final Map<ByteString, Sum> sums = new HashMap<>();

  /**
   * @param range in which a span must have begun to match
   */
  Summaries(Collection<ByteString> traceIds, SpanMatcher matcher, TimeRange range) {
    this.matcher = matcher;
    this.range = range;
    traceIds.forEach(id -> sums.put(id, new Sum()));
  }

  void add(SpanRows rows) {
    sums.forEach((traceId, sum) -> rows.rowsOfTrace(traceId).forEach(row -> add(sum, rows, row)));
  }

  private void add(Sum sum, SpanRows rows, int row) {
    long start = rows.startNanos(row);
    boolean root = rows.isRoot(row);
    boolean better = root == sum.rootFound ? start < sum.rootNanos : root;
    if (better) {
      sum.rootService = rows.service(row);
      sum.rootOperation = rows.name(row);
      sum.rootFound = root;
      sum.rootNanos = start;
    }
    sum.startNanos = Math.min(sum.startNanos, start);
    sum.endNanos = Math.max(sum.endNanos, start + rows.durationNanos(row));
    sum.spans++;
    sum.errors += rows.status(row) == STATUS_ERROR ? 1 : 0;
    sum.services.add(rows.service(row));
    boolean newer =
        start > sum.newestMatch && start >= range.startNanos() && start <= range.endNanos();
    if (newer && matcher.matches(rows, row)) {
      sum.newestMatch = start;
    }
  }

  /** Start of the newest span that matched. */
  long newestMatch(ByteString traceId) {
    Sum sum = sums.get(traceId);
    return sum == null ? Long.MIN_VALUE : sum.newestMatch;
  }

  Optional<TraceSummary> of(ByteString traceId) {
    Sum sum = sums.get(traceId);
    if (sum == null || sum.spans == 0) {
      return Optional.empty();
    }
    return Optional.of(
        new TraceSummary(
            traceId,
            sum.rootService,
            sum.rootOperation,
            sum.startNanos,
            sum.endNanos - sum.startNanos,
            sum.spans,
            sum.errors,
            List.copyOf(sum.services)));
  }

  /** The same as a part of the trace. */
  Optional<TracePiece> piece(ByteString traceId) {
    return of(traceId)
        .flatMap(
            summary ->
                Optional.ofNullable(sums.get(traceId))
                    .map(
                        sum ->
                            new TracePiece(
                                summary, sum.rootFound, sum.rootNanos, sum.newestMatch)));
  }
}
