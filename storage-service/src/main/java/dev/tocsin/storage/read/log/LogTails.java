package dev.tocsin.storage.read.log;

import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.segment.core.Need;
import dev.tocsin.segment.log.LogSegment;
import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.Condition;
import dev.tocsin.storage.ports.LogCondition;
import dev.tocsin.storage.ports.LogReader.StoredLog;
import dev.tocsin.storage.ports.LogReader.Tail;
import dev.tocsin.storage.ports.LogReader.TailListener;
import dev.tocsin.storage.ports.QueryLimitException;
import dev.tocsin.storage.query.Budget;
import dev.tocsin.storage.query.QueryPool;
import dev.tocsin.storage.read.scan.Matcher;
import dev.tocsin.storage.read.scan.SegmentReads;
import dev.tocsin.storage.read.scan.SegmentScan;
import dev.tocsin.storage.read.scan.SegmentTable;
import dev.tocsin.storage.read.scan.Stored;
import dev.tocsin.storage.schema.PgValues;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows those who follow the segments that were stored since the last look, once a second and only
 * while somebody follows. One look serves all: a segment is read and decoded once. It looks in the
 * database rather than at the consumers, so that it sees what every instance stores.
 */
public final class LogTails implements Component {
  private static final Logger log = LoggerFactory.getLogger(LogTails.class);
  private static final long INTERVAL_MS = 1_000;
  private static final int SEGMENTS_MAX = 16;
  private static final int RECORDS_MAX = 2_000;

  /** Of the records of one segment shown to one follower, as they are in a message. */
  private static final long BYTES_MAX = 2 << 20;

  /** Records that are later than this are not shown: the look stays cheap. */
  private static final Duration LATE_MAX = Duration.ofMinutes(15);

  // Negative ids are those of merged segments, which hold nothing new.
  private static final String PLACES =
      """
      select part, max(id) from log_seg where max_ts >= $1 and min_ts >= $2 and id >= 0
      group by part\
      """;

  private static final String NEW_SEGMENTS =
      """
      select s.min_ts, s.max_ts, s.part, s.id, s.fmt from log_seg s
      left join unnest($3::int[], $4::bigint[]) as seen (part, id) on seen.part = s.part
      where s.max_ts >= $1 and s.min_ts >= $2 and s.id >= 0 and s.id > coalesce(seen.id, -1)
      order by s.id, s.part limit %d
      """
          .formatted(SEGMENTS_MAX);

  private final ServiceContext context;
  private final Postgres postgres;
  private final QueryPool queries;
  private final int followersMax;
  private final List<Follower> followers = new CopyOnWriteArrayList<>();
  private final Map<Integer, Long> seen = new ConcurrentHashMap<>();
  private long timer = -1;
  private boolean looking;
  private boolean placed;

  private record Follower(Matcher<LogCondition, LogSegment> matcher, TailListener listener) {}

  public LogTails(ServiceContext context, Postgres postgres, QueryPool queries, int followersMax) {
    this.context = context;
    this.postgres = postgres;
    this.queries = queries;
    this.followersMax = followersMax;
  }

  @Override
  public String name() {
    return "log tails";
  }

  @Override
  public Future<Void> start() {
    context.metrics().gauge("tocsin.storage.tails", followers, List::size);
    return Future.succeededFuture();
  }

  @Override
  public synchronized Future<Void> stop() {
    followers.clear();
    rest();
    return Future.succeededFuture();
  }

  synchronized Tail follow(Condition<LogCondition> condition, TailListener listener) {
    if (followers.size() >= followersMax) {
      throw new QueryLimitException(
          QueryLimitException.Kind.BUSY,
          followersMax + " live tails are open (expected: a later retry)");
    }
    Follower follower = new Follower(Matcher.ofLogs(condition), listener);
    followers.add(follower);
    if (timer < 0) {
      placed = false;
      timer = context.vertx().setPeriodic(1, INTERVAL_MS, id -> look());
    }
    return () -> leave(follower);
  }

  private synchronized void leave(Follower follower) {
    followers.remove(follower);
    if (followers.isEmpty()) {
      rest();
    }
  }

  private synchronized void rest() {
    if (timer >= 0) {
      context.vertx().cancelTimer(timer);
      timer = -1;
    }
  }

  private void look() {
    synchronized (this) {
      if (looking) {
        return;
      }
      looking = true;
    }
    queries
        .run(new Cancellation(), this::look)
        .onFailure(failure -> log.debug("live tail: {}", failure.getMessage()))
        .onComplete(
            done -> {
              synchronized (this) {
                looking = false;
              }
            });
  }

  /** The first look only finds out where to begin. */
  private boolean look(Budget budget) throws Exception {
    var from = context.clock().instant().minus(LATE_MAX);
    var begun = PgValues.instant(from.minus(SegmentScan.SPAN_MAX));
    if (!placed) {
      seen.clear();
      for (Row row :
          budget.select(postgres.pool(), PLACES, Tuple.of(PgValues.instant(from), begun))) {
        seen.put(row.getInteger(0), row.getLong(1));
      }
      placed = true;
      return true;
    }
    List<Integer> parts = List.copyOf(seen.keySet());
    Tuple parameters = Tuple.of(PgValues.instant(from), begun);
    parameters.addValue(parts.toArray(Integer[]::new));
    parameters.addValue(parts.stream().map(seen::get).toArray(Long[]::new));
    List<Stored<LogSegment>> segments = new ArrayList<>();
    for (Row row : budget.select(postgres.pool(), NEW_SEGMENTS, parameters)) {
      segments.add(Stored.of(SegmentTable.LOGS, row));
    }
    SegmentReads<LogSegment> reads = new SegmentReads<>(postgres.pool(), budget, SegmentTable.LOGS);
    for (Stored<LogSegment> each : segments) {
      // Seen before it is shown: a record that cannot be shown in time is not tried for ever.
      seen.merge(each.part, each.id, Math::max);
      reads.fetch(List.of(each), Need.ALL, Optional.empty());
      followers.forEach(follower -> show(follower, each.segment, budget));
      reads.release(List.of(each));
    }
    return true;
  }

  private static void show(Follower follower, LogSegment segment, Budget budget) {
    BitSet rows = new BitSet();
    rows.set(0, segment.count());
    for (Matcher.Stage<LogSegment> stage : follower.matcher().stages()) {
      budget.check();
      stage.filter().retain(segment, rows, budget);
    }
    List<StoredLog> found = new ArrayList<>();
    long bytes = 0;
    for (int row = rows.nextSetBit(0);
        row >= 0 && found.size() < RECORDS_MAX && bytes < BYTES_MAX;
        row = rows.nextSetBit(row + 1)) {
      StoredLog log = LogRows.shown(segment, row, budget);
      bytes += log.answerBytes();
      found.add(log);
    }
    if (!found.isEmpty()) {
      follower.listener().records(found);
    }
  }
}
