package dev.tocsin.storage.fanout;

import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.Condition;
import dev.tocsin.storage.ports.LogCondition;
import dev.tocsin.storage.ports.LogCursor;
import dev.tocsin.storage.ports.LogQuery;
import dev.tocsin.storage.ports.LogReader;
import dev.tocsin.storage.ports.TimeRange;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Log records of several databases, in one order: by time, then by database. */
final class FanoutLogReader implements LogReader {
  /** Of a record that is passed over, in JSON: more than any cut one has. */
  private static final long SKIPPED_BYTES_MAX = 1 << 20;

  private final Members<LogReader> members;

  FanoutLogReader(Map<String, LogReader> readers) {
    members = new Members<>(readers);
  }

  /**
   * A cursor counts records of its time in all databases, so none of them can skip by itself: every
   * one gives all of that time.
   */
  @Override
  public Future<LogPage> search(LogQuery query, Cancellation cancellation) {
    int skipped = query.after().map(LogCursor::seen).orElse(0);
    LogQuery each =
        new LogQuery(
            query.condition(),
            query.range(),
            query.direction(),
            query.limit() + skipped,
            query.after().map(after -> new LogCursor(after.nanos(), 0)),
            query.whole(),
            // What was on earlier pages comes again, and must leave room for more than that.
            query.bytesMax() + skipped * SKIPPED_BYTES_MAX);
    return members
        .all(cancellation, (reader, part) -> reader.search(each, part))
        .map(pages -> merged(query, skipped, pages));
  }

  static LogPage merged(LogQuery query, int skipped, List<LogPage> pages) {
    Comparator<StoredLog> order = Comparator.comparingLong(StoredLog::nanos);
    if (query.direction() == LogQuery.Direction.NEWEST_FIRST) {
      order = order.reversed();
    }
    // Stable: records of one time stay in the order of the databases.
    List<StoredLog> all =
        pages.stream().flatMap(page -> page.logs().stream()).sorted(order).toList();
    int known = known(all, pages, query.limit() + skipped);
    int seen = 0;
    while (seen < Math.min(skipped, known) && isAtCursor(all.get(seen), query.after())) {
      seen++;
    }
    int end = fitting(all, seen, Math.min(known, seen + query.limit()), query.bytesMax());
    List<StoredLog> logs = all.subList(seen, end);
    boolean more =
        end < all.size()
            || all.size() >= query.limit() + skipped
            || pages.stream().anyMatch(page -> page.next().isPresent());
    if (!more || logs.isEmpty()) {
      return new LogPage(logs, Optional.empty());
    }
    long last = logs.get(logs.size() - 1).nanos();
    int ofThatTime = (int) all.subList(0, end).stream().filter(log -> log.nanos() == last).count();
    return new LogPage(logs, Optional.of(new LogCursor(last, ofThatTime)));
  }

  /** A database whose page ends early may have more right behind it, before what others have. */
  private static int known(List<StoredLog> all, List<LogPage> pages, int wanted) {
    int known = all.size();
    for (LogPage page : pages) {
      if (page.next().isPresent() && page.logs().size() < wanted) {
        known = Math.min(known, place(all, page.logs().get(page.logs().size() - 1)) + 1);
      }
    }
    return known;
  }

  private static int place(List<StoredLog> all, StoredLog wanted) {
    for (int i = 0; i < all.size(); i++) {
      if (isSame(all.get(i), wanted)) {
        return i;
      }
    }
    throw new IllegalArgumentException("a record that is on no page");
  }

  @SuppressWarnings("ReferenceEquality") // equal records may be on pages of several databases
  private static boolean isSame(StoredLog one, StoredLog other) {
    return one == other;
  }

  /** Where a page ends that is not larger than an answer may be; it has at least one record. */
  private static int fitting(List<StoredLog> all, int from, int to, long bytesMax) {
    long bytes = 0;
    for (int i = from; i < to; i++) {
      bytes += all.get(i).answerBytes();
      if (i > from && bytes > bytesMax) {
        return i;
      }
    }
    return to;
  }

  private static boolean isAtCursor(StoredLog log, Optional<LogCursor> after) {
    return after.map(cursor -> cursor.nanos() == log.nanos()).orElse(false);
  }

  @Override
  public Future<List<Bucket>> histogram(
      Condition<LogCondition> condition,
      TimeRange range,
      long stepNanos,
      Cancellation cancellation) {
    return members
        .all(cancellation, (reader, part) -> reader.histogram(condition, range, stepNanos, part))
        .map(
            lists ->
                SortedLists.sums(
                    lists,
                    Bucket::startNanos,
                    Comparator.<Long>naturalOrder(),
                    FanoutLogReader::sum));
  }

  private static Bucket sum(Bucket one, Bucket other) {
    List<Long> counts = new ArrayList<>();
    for (int i = 0; i < one.counts().size(); i++) {
      counts.add(one.counts().get(i) + other.counts().get(i));
    }
    return new Bucket(one.startNanos(), counts);
  }

  /** One tail of each database; all are told to one listener, one at a time. */
  @Override
  public Tail tail(Condition<LogCondition> condition, TailListener listener) {
    List<Tail> tails = new ArrayList<>();
    Object oneAtATime = new Object();
    try {
      for (LogReader reader : members.readers()) {
        tails.add(
            reader.tail(
                condition,
                records -> {
                  synchronized (oneAtATime) {
                    listener.records(records);
                  }
                }));
      }
    } catch (RuntimeException e) {
      tails.forEach(Tail::close);
      throw e;
    }
    return () -> tails.forEach(Tail::close);
  }
}
