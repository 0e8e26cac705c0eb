package dev.tocsin.storage.fanout;

import com.google.protobuf.ByteString;
import dev.tocsin.storage.ports.AnswerBytes;
import dev.tocsin.storage.ports.FoundTraces;
import dev.tocsin.storage.ports.TraceCursor;
import dev.tocsin.storage.ports.TracePage;
import dev.tocsin.storage.ports.TracePiece;
import dev.tocsin.storage.ports.TraceQuery;
import dev.tocsin.storage.ports.TraceSummary;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A page of traces put together from what several databases find. A trace's place is its newest
 * matching span in any of them; one that has such a span before the cursor was on an earlier page.
 * Not thread-safe.
 */
final class TracePageMerge {
  private final TraceQuery query;
  private final List<TraceSummary> traces = new ArrayList<>();
  private final Set<ByteString> known = new HashSet<>();
  private Optional<TraceCursor> place;
  private long bytes;
  private boolean ended;
  private boolean partial;

  TracePageMerge(TraceQuery query) {
    this.query = query;
    this.place = query.after();
  }

  /** What is still to be found, in every database. */
  TraceQuery rest() {
    return new TraceQuery(query.condition(), query.range(), query.limit() - traces.size(), place);
  }

  /** The first of several lists, each trace at its newest place. */
  static FoundTraces newest(List<FoundTraces> lists, int limit) {
    Map<ByteString, TraceCursor> byId = new HashMap<>();
    for (FoundTraces list : lists) {
      for (TraceCursor trace : list.places()) {
        byId.merge(trace.traceId(), trace, (one, other) -> one.compareTo(other) < 0 ? one : other);
      }
    }
    return new FoundTraces(
        byId.values().stream().sorted().limit(limit).toList(),
        lists.stream().anyMatch(FoundTraces::partial));
  }

  static Map<ByteString, TracePiece> whole(List<List<TracePiece>> lists) {
    Map<ByteString, TracePiece> byId = new HashMap<>();
    lists.forEach(
        list ->
            list.forEach(piece -> byId.merge(piece.summary().traceId(), piece, TracePiece::and)));
    return byId;
  }

  /**
   * Takes what {@link #rest} found.
   *
   * @param found as {@link #newest} has it
   * @param lists what each database has of those traces
   * @return whether the page is complete
   */
  boolean add(FoundTraces found, List<List<TracePiece>> lists) {
    int wanted = query.limit() - traces.size();
    Map<ByteString, TracePiece> pieces = whole(lists);
    partial |= found.partial();
    for (TraceCursor trace : found.places()) {
      place = Optional.of(trace);
      TracePiece piece = pieces.get(trace.traceId());
      if (piece != null && known.add(trace.traceId()) && isNew(trace, piece)) {
        traces.add(piece.summary());
        bytes += piece.summary().answerBytes();
        if (bytes >= AnswerBytes.PAGE_MAX) {
          return true;
        }
      }
    }
    ended = found.places().size() < wanted;
    return ended || traces.size() >= query.limit();
  }

  private boolean isNew(TraceCursor trace, TracePiece piece) {
    return query.after().isEmpty() || piece.newestMatchNanos() <= trace.nanos();
  }

  TracePage page() {
    return new TracePage(List.copyOf(traces), partial, ended ? Optional.empty() : place);
  }
}
