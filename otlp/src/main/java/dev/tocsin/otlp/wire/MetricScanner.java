package dev.tocsin.otlp.wire;

import static dev.tocsin.otlp.wire.WireCursor.LENGTH_DELIMITED;
import static dev.tocsin.otlp.wire.WireCursor.VARINT;
import static dev.tocsin.otlp.wire.WireCursor.tag;

import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Walks one Metric after another: counts its points and judges each. What holds for a point is the
 * metric data model's; see {@link PointScanner}. As in protobuf, of several kinds of data in one
 * metric the last counts. Allocates nothing per point, unless it rejects some.
 */
final class MetricScanner {
  private static final int NAME = tag(Metric.NAME_FIELD_NUMBER, LENGTH_DELIMITED);
  static final int POINT = tag(1, LENGTH_DELIMITED);
  private static final int TEMPORALITY = tag(2, VARINT);

  private static final WireSchema METRIC = WireSchema.of(Metric.getDescriptor());

  /** How many messages a Metric, and its data, lie in. */
  private static final int METRIC_DEPTH = 3;

  private static final int DATA_DEPTH = METRIC_DEPTH + 1;

  private final WireCursor cursor;
  private final PointScanner points;
  private final Map<Rejection, Integer> rejected = new EnumMap<>(Rejection.class);
  private int dataField;
  private int pointCount;
  private int rejectedCount;
  private long temporality;

  /** The first time that cannot be stored, when some points are rejected for theirs. */
  private long outsideNanos;

  private long nameBytes;

  /** Bytes of the labels of the point that has most. */
  private long labelBytesMax;

  MetricScanner(WireCursor cursor, ItemLimits limits) {
    this.cursor = cursor;
    this.points = new PointScanner(cursor, limits);
  }

  /** The schema of a Metric's field of points, or null for any other field. */
  static @Nullable WireSchema data(int tag) {
    if ((tag & 7) != LENGTH_DELIMITED) {
      return null;
    }
    int field = tag >>> 3;
    return switch (field) {
      case Metric.GAUGE_FIELD_NUMBER,
          Metric.SUM_FIELD_NUMBER,
          Metric.HISTOGRAM_FIELD_NUMBER,
          Metric.EXPONENTIAL_HISTOGRAM_FIELD_NUMBER,
          Metric.SUMMARY_FIELD_NUMBER ->
          METRIC.child(field);
      default -> null;
    };
  }

  /** Walks the Metric at the cursor. The answers below are about it. */
  void scan(int end) {
    forget(0);
    nameBytes = 0;
    METRIC.hold(cursor, end);
    while (cursor.position() < end) {
      int start = cursor.position();
      int tag = cursor.readTag(end);
      WireSchema data = data(tag);
      if (data == null) {
        checkField(cursor, tag, end);
        nameBytes = tag == NAME ? cursor.position() - start : nameBytes;
      } else {
        int field = tag >>> 3;
        if (field != dataField) {
          forget(field);
        }
        scanData(data, field, cursor.readEnd(end));
      }
    }
    if (pointCount > 0 && needsTemporality() && !isTemporality(temporality)) {
      int all = pointCount;
      forget(dataField);
      pointCount = all;
      rejectedCount = all;
      rejected.put(Rejection.INVALID_TEMPORALITY, all);
    }
  }

  private void forget(int field) {
    dataField = field;
    pointCount = 0;
    temporality = 0;
    labelBytesMax = 0;
    if (rejectedCount > 0) {
      rejectedCount = 0;
      rejected.clear();
    }
  }

  private void scanData(WireSchema data, int field, int end) {
    WireSchema schema = data.child(1);
    data.hold(cursor, end);
    while (cursor.position() < end) {
      int tag = cursor.readTag(end);
      if (tag == POINT) {
        pointCount++;
        Rejection rejection = points.scan(field, schema, cursor.readEnd(end));
        labelBytesMax = Math.max(labelBytesMax, points.labelBytes());
        if (rejection != null) {
          rejectedCount++;
          if (rejected.merge(rejection, 1, Integer::sum) == 1
              && rejection == Rejection.TIME_OUTSIDE) {
            outsideNanos = points.timeNanos();
          }
        }
      } else if (tag == TEMPORALITY) {
        temporality = cursor.readVarint(end);
      } else {
        checkDataField(cursor, data, tag, end);
      }
    }
  }

  /** A field of a Metric that is none of points. */
  static void checkField(WireCursor cursor, int tag, int end) {
    METRIC.checkField(cursor, tag, end, METRIC_DEPTH);
  }

  /** A field of a Metric's data that is no point. */
  static void checkDataField(WireCursor cursor, WireSchema data, int tag, int end) {
    data.checkField(cursor, tag, end, DATA_DEPTH);
  }

  private boolean needsTemporality() {
    return dataField != Metric.GAUGE_FIELD_NUMBER && dataField != Metric.SUMMARY_FIELD_NUMBER;
  }

  private static boolean isTemporality(long value) {
    return value == AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA_VALUE
        || value == AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE_VALUE;
  }

  long nameBytes() {
    return nameBytes;
  }

  /** Bytes that the labels of a point may be made of, beside those of the resource and the name. */
  long labelBytesMax() {
    return labelBytesMax;
  }

  /** Rejects so many of the points kept until now for their labels. */
  void rejectLabels(int count) {
    rejectedCount += count;
  }

  /** The field the points of the metric are in; 0 for a metric without data. */
  int dataField() {
    return dataField;
  }

  int pointCount() {
    return pointCount;
  }

  int keptCount() {
    return pointCount - rejectedCount;
  }

  /** Adds what was rejected in this metric to the request's count. */
  void report(OtlpRequest request, int scope) {
    if (rejectedCount == 0) {
      return;
    }
    rejected.forEach(
        (rejection, count) -> {
          if (rejection == Rejection.TIME_OUTSIDE) {
            request.rejectTime(rejection, count, outsideNanos, scope);
          } else {
            request.reject(rejection, count);
          }
        });
  }
}
