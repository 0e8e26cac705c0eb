package dev.tocsin.storage.read.log;

import dev.tocsin.segment.core.Need;
import dev.tocsin.segment.log.LogSegment;
import dev.tocsin.storage.ports.LogReader.StoredLog;
import dev.tocsin.storage.query.Budget;
import dev.tocsin.storage.query.QueryMemoryException;
import dev.tocsin.storage.query.QueryPool;
import dev.tocsin.storage.read.scan.SegmentReads;
import dev.tocsin.storage.read.scan.Stored;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes the records of a page from the places that were found, in their order, until the page is as
 * large as an answer may be. Segments are here together when there is room for them, else one after
 * the other: whatever the records have, a page has at least its first. Used by one thread.
 */
final class LogPageDecoder {
  /** Records that are decoded before it is looked at whether the page is full. */
  private static final int AT_ONCE = 16;

  private final QueryPool queries;
  private final Budget budget;
  private final SegmentReads<LogSegment> reads;
  private final boolean whole;
  private final long bytesMax;
  private boolean oneByOne;

  /** Where a record is. */
  record Place(long nanos, Stored<LogSegment> of, int row) {}

  LogPageDecoder(
      QueryPool queries,
      Budget budget,
      SegmentReads<LogSegment> reads,
      boolean whole,
      long bytesMax) {
    this.queries = queries;
    this.budget = budget;
    this.reads = reads;
    this.whole = whole;
    this.bytesMax = bytesMax;
  }

  /** Records of the first of the places; fewer than those when they are too large together. */
  List<StoredLog> records(List<Place> places) throws Exception {
    Map<Stored<LogSegment>, List<Place>> all = bySegment(places);
    fetchTogether(all.keySet());
    List<StoredLog> page = new ArrayList<>();
    long bytes = 0;
    // Whole records are made one at a time, as each alone may be too much.
    int atOnce = whole ? 1 : AT_ONCE;
    for (int from = 0; from < places.size(); from += atOnce) {
      List<Place> some = places.subList(from, Math.min(places.size(), from + atOnce));
      try {
        Map<Place, StoredLog> decoded = decoded(bySegment(some));
        for (Place place : some) {
          StoredLog log = decoded.get(place);
          if (log == null) {
            continue;
          }
          bytes += log.answerBytes();
          if (!page.isEmpty() && bytes > bytesMax) {
            return page;
          }
          if (!whole) {
            budget.hold(log.answerBytes());
          }
          page.add(log);
        }
      } catch (QueryMemoryException full) {
        if (page.isEmpty()) {
          throw full;
        }
        return page;
      }
    }
    reads.drop(all.keySet());
    return page;
  }

  private static Map<Stored<LogSegment>, List<Place>> bySegment(List<Place> places) {
    Map<Stored<LogSegment>, List<Place>> segments = new LinkedHashMap<>();
    for (Place place : places) {
      segments.computeIfAbsent(place.of(), first -> new ArrayList<>()).add(place);
    }
    return segments;
  }

  private void fetchTogether(Set<Stored<LogSegment>> segments) throws Exception {
    try {
      reads.fetch(segments, Need.ALL, Optional.empty());
    } catch (QueryMemoryException tooMuchAtOnce) {
      reads.drop(segments);
      oneByOne = true;
    }
  }

  private Map<Place, StoredLog> decoded(Map<Stored<LogSegment>, List<Place>> segments)
      throws Exception {
    if (!oneByOne) {
      try {
        return decodedTogether(segments);
      } catch (QueryMemoryException tooMuchAtOnce) {
        oneByOne = true;
      }
    }
    reads.drop(segments.keySet());
    Map<Place, StoredLog> decoded = new HashMap<>();
    for (Map.Entry<Stored<LogSegment>, List<Place>> each : segments.entrySet()) {
      Set<Stored<LogSegment>> segment = Set.of(each.getKey());
      reads.fetch(segment, Need.ALL, Optional.empty());
      each.getValue().forEach(place -> decoded.put(place, record(place)));
      reads.drop(segment);
    }
    return decoded;
  }

  private Map<Place, StoredLog> decodedTogether(Map<Stored<LogSegment>, List<Place>> segments)
      throws Exception {
    Map<Place, StoredLog> decoded = new HashMap<>();
    queries
        .forEach(
            List.copyOf(segments.values()),
            places -> {
              Map<Place, StoredLog> some = new HashMap<>();
              places.forEach(place -> some.put(place, record(place)));
              return some;
            })
        .forEach(decoded::putAll);
    return decoded;
  }

  private StoredLog record(Place place) {
    budget.check();
    LogSegment segment = place.of().segment;
    return whole
        ? LogRows.whole(segment, place.row(), budget)
        : LogRows.shown(segment, place.row(), budget);
  }
}
