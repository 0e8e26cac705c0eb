package dev.tocsin.storage.read.scan;

import dev.tocsin.segment.core.Need;
import dev.tocsin.segment.core.Segment;
import dev.tocsin.segment.log.LogSegment;
import dev.tocsin.segment.span.SpanSegment;
import dev.tocsin.storage.ports.AttributeScope;
import dev.tocsin.storage.ports.LogQuery.Direction;
import dev.tocsin.storage.ports.TimeRange;
import dev.tocsin.storage.query.Budget;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.sqlclient.Pool;
import java.util.List;
import java.util.Optional;

/**
 * Shows the attributes of the newest segments of a range: what they hold stands for what is in use,
 * at a bounded cost.
 */
interface AttributeSample {
  int SEGMENTS_MAX = 6;
  int SEGMENTS_AT_ONCE = 2;

  void each(Pool pool, Budget budget, TimeRange range, Visitor visitor) throws Exception;

  /** Takes an attribute; false when no more are wanted. */
  interface Visitor {
    boolean visit(AttributeScope scope, KeyValue pair);
  }

  /** Shows the attributes of a row; false when no more are wanted. */
  interface Rows<S extends Segment> {
    boolean visit(S segment, int row);
  }

  static void spans(Pool pool, Budget budget, TimeRange range, Visitor visitor) throws Exception {
    visitRows(
        pool,
        budget,
        SegmentTable.SPANS,
        SegmentFilter.spans(),
        range,
        (SpanSegment segment, int row) ->
            visit(AttributeScope.ITEM, segment.attributes(row), visitor)
                && visit(AttributeScope.RESOURCE, segment.resourceAttributesOf(row), visitor)
                && segment.span(row).getEventsList().stream()
                    .map(Span.Event::getAttributesList)
                    .allMatch(pairs -> visit(AttributeScope.EVENT, pairs, visitor)));
  }

  static void logs(Pool pool, Budget budget, TimeRange range, Visitor visitor) throws Exception {
    visitRows(
        pool,
        budget,
        SegmentTable.LOGS,
        SegmentFilter.logs(),
        range,
        (LogSegment segment, int row) ->
            visit(AttributeScope.ITEM, segment.attributes(row), visitor)
                && visit(AttributeScope.RESOURCE, segment.resourceAttributesOf(row), visitor));
  }

  private static <S extends Segment> void visitRows(
      Pool pool,
      Budget budget,
      SegmentTable<S> table,
      SegmentFilter everything,
      TimeRange range,
      Rows<S> rows)
      throws Exception {
    SegmentScan<S> scan =
        new SegmentScan<>(
            pool, budget, table, everything, range, Direction.NEWEST_FIRST, SEGMENTS_AT_ONCE);
    SegmentReads<S> reads = new SegmentReads<>(pool, budget, table);
    for (int seen = 0; seen < SEGMENTS_MAX; seen += SEGMENTS_AT_ONCE) {
      List<Stored<S>> batch = scan.next();
      reads.fetch(batch, Need.ALL, Optional.empty());
      for (Stored<S> each : batch) {
        for (int row = 0; row < each.segment.count(); row++) {
          budget.check();
          if (!rows.visit(each.segment, row)) {
            return;
          }
        }
      }
      reads.release(batch);
    }
  }

  private static boolean visit(AttributeScope scope, List<KeyValue> pairs, Visitor visitor) {
    for (KeyValue pair : pairs) {
      if (!visitor.visit(scope, pair)) {
        return false;
      }
    }
    return true;
  }
}
