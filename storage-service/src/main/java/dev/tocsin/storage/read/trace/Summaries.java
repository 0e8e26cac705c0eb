package dev.tocsin.storage.read.trace;

import com.google.protobuf.ByteString;
import dev.tocsin.segment.span.SpanSegment;
import dev.tocsin.storage.ports.TracePiece;
import dev.tocsin.storage.ports.TraceSummary;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Sums up traces from the spans of their segments; knows the newest span that matched of each. */
public final class Summaries {
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

  private final List<ByteString> traceIds;
  private final Map<ByteString, Sum> sums = new HashMap<>();

  Summaries(List<ByteString> traceIds) {
    this.traceIds = traceIds;
    traceIds.forEach(id -> sums.put(id, new Sum()));
  }

  /** Rows of the traces in a segment. */
  static BitSet rows(int[] places) {
    BitSet rows = new BitSet(places.length);
    for (int row = 0; row < places.length; row++) {
      rows.set(row, places[row] >= 0);
    }
    return rows;
  }

  /**
   * @param places per row that of its trace in the list, -1 for another trace
   * @param matching rows that met the condition
   */
  void add(SpanSegment segment, int[] places, BitSet matching) {
    for (int row = 0; row < places.length; row++) {
      Sum sum = places[row] < 0 ? null : sums.get(traceIds.get(places[row]));
      if (sum != null) {
        add(sum, segment, row);
        if (matching.get(row)) {
          sum.newestMatch = Math.max(sum.newestMatch, segment.startNanos(row));
        }
      }
    }
  }

  private static void add(Sum sum, SpanSegment segment, int row) {
    long start = segment.startNanos(row);
    boolean root = segment.isRoot(row);
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
            // Of spans that say they ended before they began, or never.
            Math.max(0, sum.endNanos - sum.startNanos),
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
