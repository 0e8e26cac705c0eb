package dev.tocsin.storage.read.trace;

import com.google.protobuf.ByteString;
import dev.tocsin.segment.span.SpanSegment;
import dev.tocsin.storage.ports.TracePiece;
import dev.tocsin.storage.ports.TraceSummary;
import dev.tocsin.storage.read.scan.Shortening;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Sums up traces from the spans of their segments; knows the newest span that matched of each. */
public final class Summaries {
  private static final int STATUS_ERROR = 2;

  private static final class Sum {
    String rootService = "";
    String rootOperation = "";
    boolean rootFound;
    boolean rootCut;
    boolean serviceCut;
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
  private final Set<ByteString> partial = new HashSet<>();

  Summaries(List<ByteString> traceIds) {
    this.traceIds = traceIds;
    traceIds.forEach(id -> sums.put(id, new Sum()));
  }

  /** Says that not all of a trace is looked at. */
  void cut(int place) {
    partial.add(traceIds.get(place));
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
   * What is summed up of a span; its names are cut as a list shows them, so that nothing of its
   * segment is kept.
   *
   * @param place of its trace in the list
   * @param matching whether it met the condition
   */
  record Summand(
      int place,
      boolean matching,
      String service,
      boolean serviceCut,
      String operation,
      boolean operationCut,
      boolean root,
      long startNanos,
      long durationNanos,
      boolean error) {}

  /**
   * The spans of the traces in a segment.
   *
   * @param places per row that of its trace in the list, -1 for another trace
   * @param matching rows that met the condition
   */
  static List<Summand> summands(SpanSegment segment, int[] places, BitSet matching) {
    List<Summand> summands = new ArrayList<>();
    for (int row = 0; row < places.length; row++) {
      if (places[row] >= 0) {
        String service = name(segment.service(row));
        String operation = name(segment.name(row));
        summands.add(
            new Summand(
                places[row],
                matching.get(row),
                service,
                service.length() < segment.service(row).length(),
                operation,
                operation.length() < segment.name(row).length(),
                segment.isRoot(row),
                segment.startNanos(row),
                segment.durationNanos(row),
                segment.status(row) == STATUS_ERROR));
      }
    }
    return summands;
  }

  private static String name(String whole) {
    return Shortening.text(whole, TraceSummary.NAME_BYTES_MAX);
  }

  void add(List<Summand> summands) {
    for (Summand span : summands) {
      Sum sum = sums.get(traceIds.get(span.place()));
      if (sum != null) {
        add(sum, span);
      }
    }
  }

  private static void add(Sum sum, Summand span) {
    boolean better = span.root() == sum.rootFound ? span.startNanos() < sum.rootNanos : span.root();
    if (better) {
      sum.rootService = span.service();
      sum.rootOperation = span.operation();
      sum.rootCut = span.serviceCut() || span.operationCut();
      sum.rootFound = span.root();
      sum.rootNanos = span.startNanos();
    }
    if (span.matching()) {
      sum.newestMatch = Math.max(sum.newestMatch, span.startNanos());
    }
    sum.startNanos = Math.min(sum.startNanos, span.startNanos());
    sum.endNanos = Math.max(sum.endNanos, span.startNanos() + span.durationNanos());
    sum.spans++;
    sum.errors += span.error() ? 1 : 0;
    addService(sum, span);
  }

  /** The first ones, in the order of the list. */
  private static void addService(Sum sum, Summand span) {
    sum.serviceCut |= span.serviceCut();
    sum.services.add(span.service());
    if (sum.services.size() > TraceSummary.SERVICES_MAX) {
      sum.services.pollLast();
      sum.serviceCut = true;
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
    List<String> services = TraceSummary.fitting(sum.services);
    boolean cut = sum.rootCut || sum.serviceCut || services.size() < sum.services.size();
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
            services,
            partial.contains(traceId),
            cut));
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
