package dev.tocsin.storage.postgres;

import dev.tocsin.storage.AttributeScope;
import dev.tocsin.storage.LogQuery.Direction;
import dev.tocsin.storage.TimeRange;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import java.util.List;

/**
 * Shows the attributes of the newest segments of a range: what they hold stands for what is in use,
 * at a bounded cost.
 */
final class AttributeSample {
  private static final int SEGMENTS_MAX = 6;

  /** Takes an attribute; false when no more are wanted. */
  interface Visitor {
    boolean visit(AttributeScope scope, KeyValue pair);
  }

  private AttributeSample() {}

  static void spans(Pool pool, Budget budget, TimeRange range, Visitor visitor) throws Exception {
    SegmentScan scan =
        new SegmentScan(
            pool,
            budget,
            Partitions.SPANS,
            SpanRows.Need.ALL.columns(),
            SegmentFilter.spans(),
            range,
            Direction.NEWEST_FIRST);
    int segments = 0;
    for (List<Row> rows = scan.next();
        !rows.isEmpty() && segments < SEGMENTS_MAX;
        rows = scan.next()) {
      for (Row row : rows) {
        segments++;
        if (!visit(SpanRows.open(row, SegmentScan.FIRST_COLUMN, budget), budget, visitor)) {
          return;
        }
      }
    }
  }

  private static boolean visit(SpanRows rows, Budget budget, Visitor visitor) {
    for (int row = 0; row < rows.count(); row++) {
      budget.check();
      boolean more =
          visit(AttributeScope.ITEM, rows.attributes(row), visitor)
              && visit(AttributeScope.RESOURCE, rows.resourceAttributes(row), visitor)
              && visit(AttributeScope.EVENT, rows.eventAttributes(row).toList(), visitor);
      if (!more) {
        return false;
      }
    }
    return true;
  }

  static void logs(Pool pool, Budget budget, TimeRange range, Visitor visitor) throws Exception {
    SegmentScan scan =
        new SegmentScan(
            pool,
            budget,
            Partitions.LOGS,
            LogRows.Need.ATTRIBUTES.columns(),
            SegmentFilter.logs(),
            range,
            Direction.NEWEST_FIRST);
    int segments = 0;
    for (List<Row> page = scan.next();
        !page.isEmpty() && segments < SEGMENTS_MAX;
        page = scan.next()) {
      for (Row row : page) {
        segments++;
        LogRows rows = LogRows.open(row, SegmentScan.FIRST_COLUMN, budget);
        for (int i = 0; i < rows.count(); i++) {
          budget.check();
          if (!visit(AttributeScope.ITEM, rows.attributes(i), visitor)
              || !visit(AttributeScope.RESOURCE, rows.resourceAttributes(i), visitor)) {
            return;
          }
        }
      }
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
