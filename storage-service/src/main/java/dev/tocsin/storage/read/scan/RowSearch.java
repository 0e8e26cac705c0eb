package dev.tocsin.storage.read.scan;

import dev.tocsin.segment.core.Segment;
import dev.tocsin.storage.ports.TimeRange;
import dev.tocsin.storage.query.Budget;
import dev.tocsin.storage.query.QueryPool;
import io.vertx.sqlclient.Pool;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Finds the rows of segments that meet a condition, stage by stage, several segments at once. Used
 * by one thread, which others help.
 */
public final class RowSearch<S extends Segment> {
  private final SegmentReads<S> reads;
  private final QueryPool queries;
  private final Budget budget;
  private final Matcher<?, S> matcher;

  /** A segment and its rows that match, at least one; it has what the condition looked at. */
  public record Hit<S extends Segment>(Stored<S> of, BitSet rows) {}

  public RowSearch(
      Pool pool, QueryPool queries, Budget budget, SegmentTable<S> table, Matcher<?, S> matcher) {
    this.reads = new SegmentReads<>(pool, budget, table);
    this.queries = queries;
    this.budget = budget;
    this.matcher = matcher;
  }

  public SegmentReads<S> reads() {
    return reads;
  }

  /**
   * Those of the segments that have a match that touches the range, which for what does not last is
   * to lie in it; to be asked for {@link SegmentReads#inParts some at a time}, as there may be no
   * room for all of them together.
   */
  public List<Hit<S>> hits(List<Stored<S>> segments, TimeRange range) throws Exception {
    Optional<String> service = matcher.service();
    List<Hit<S>> left = null;
    for (Matcher.Stage<S> stage : matcher.stages()) {
      if (left == null) {
        reads.fetch(segments, stage.need(), service);
        left =
            queries.forEach(
                segments, each -> passed(new Hit<>(each, rows(each, service, range)), stage));
      } else {
        reads.fetch(left.stream().map(Hit::of).toList(), stage.need(), service);
        left = queries.forEach(left, hit -> passed(hit, stage));
      }
      left = matching(left);
    }
    return left == null ? List.of() : left;
  }

  private List<Hit<S>> matching(List<Hit<S>> hits) {
    List<Hit<S>> matching = new ArrayList<>();
    List<Stored<S>> others = new ArrayList<>();
    for (Hit<S> hit : hits) {
      if (hit.rows().isEmpty()) {
        others.add(hit.of());
      } else {
        matching.add(hit);
      }
    }
    reads.drop(others);
    return matching;
  }

  private Hit<S> passed(Hit<S> hit, Matcher.Stage<S> stage) {
    budget.check();
    stage.filter().retain(hit.of().segment, hit.rows(), budget);
    return hit;
  }

  private static BitSet rows(Stored<?> stored, Optional<String> service, TimeRange range) {
    Segment segment = stored.segment;
    BitSet rows = new BitSet();
    rows.set(
        service.map(segment::firstRow).orElse(0),
        service.map(segment::endRow).orElseGet(segment::count));
    long from = range.startNanos();
    long to = range.endNanos();
    if (stored.startNanos() < from || stored.endNanos() > to) {
      for (int row = rows.nextSetBit(0); row >= 0; row = rows.nextSetBit(row + 1)) {
        rows.set(row, segment.endNanos(row) >= from && segment.nanos(row) <= to);
      }
    }
    return rows;
  }
}
