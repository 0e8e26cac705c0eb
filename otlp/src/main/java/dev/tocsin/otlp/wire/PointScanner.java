package dev.tocsin.otlp.wire;

import static dev.tocsin.otlp.wire.WireCursor.FIXED64;
import static dev.tocsin.otlp.wire.WireCursor.LENGTH_DELIMITED;
import static dev.tocsin.otlp.wire.WireCursor.VARINT;
import static dev.tocsin.otlp.wire.WireCursor.tag;

import io.opentelemetry.proto.metrics.v1.Metric;
import org.jspecify.annotations.Nullable;

/**
 * Walks one data point after another and judges each by the metric data model: its time is above 0
 * and can be stored; a histogram has one count more than bounds, or none of either, and its bounds
 * increase strictly; the buckets of an exponential histogram lie within the range of a double.
 * Repeated numbers may be packed or not, as in protobuf.
 */
final class PointScanner {
  private static final int TIME = tag(3, FIXED64);

  private static final int COUNT = tag(6, FIXED64);
  private static final int COUNTS = tag(6, LENGTH_DELIMITED);
  private static final int BOUND = tag(7, FIXED64);
  private static final int BOUNDS = tag(7, LENGTH_DELIMITED);

  private static final int EXEMPLAR = tag(8, LENGTH_DELIMITED);

  private static final int QUANTILE = tag(6, LENGTH_DELIMITED);

  private static final int SCALE = tag(6, VARINT);
  private static final int POSITIVE = tag(8, LENGTH_DELIMITED);
  private static final int NEGATIVE = tag(9, LENGTH_DELIMITED);

  /** Of the whole histogram: its count, its sum, and the last bucket or the histogram itself. */
  private static final int SERIES_OF_HISTOGRAM = 3;

  /** How many messages a point lies in. */
  private static final int DEPTH = 5;

  private final WireCursor cursor;
  private final ItemLimits limits;
  private final BucketScanner positive;
  private final BucketScanner negative;
  private long time;
  private long counts;
  private long bounds;
  private double lastBound;
  private boolean boundsIncrease;
  private int scale;

  /** About as many as PrometheusSeries makes of the point that is walked. */
  private long series;

  /** Bytes of what is no label in the point that is walked. */
  private long besides;

  /** Bytes of what may be labels in the point walked last. */
  private long labelBytes;

  PointScanner(WireCursor cursor, ItemLimits limits) {
    this.cursor = cursor;
    this.limits = limits;
    this.positive = new BucketScanner(cursor);
    this.negative = new BucketScanner(cursor);
  }

  /**
   * Walks the point at the cursor.
   *
   * @param dataField the Metric's field it is in, which tells its kind
   * @return why it cannot be kept
   */
  @Nullable Rejection scan(int dataField, WireSchema schema, int end) {
    time = 0;
    besides = 0;
    long before = cursor.memory();
    int start = cursor.position();
    schema.hold(cursor, end);
    Rejection rejection =
        switch (dataField) {
          case Metric.HISTOGRAM_FIELD_NUMBER -> histogram(schema, end);
          case Metric.EXPONENTIAL_HISTOGRAM_FIELD_NUMBER -> exponentialHistogram(schema, end);
          default -> number(schema, end);
        };
    labelBytes = end - start - besides;
    cursor.hold(Memory.ofPoint(cursor.memory() - before, series, labelBytes));
    return rejection;
  }

  /** A field of the point that is no label. */
  private void checkBesides(WireSchema schema, int tag, int end) {
    int start = cursor.position();
    schema.checkField(cursor, tag, end, DEPTH);
    besides += cursor.position() - start;
  }

  private @Nullable Rejection number(WireSchema schema, int end) {
    series = 1;
    while (cursor.position() < end) {
      int tag = cursor.readTag(end);
      if (tag == TIME) {
        time = cursor.readFixed64(end);
      } else if (tag == QUANTILE) {
        // Of a summary; in a point of a gauge or sum it is unknown.
        series++;
        checkBesides(schema, tag, end);
      } else {
        schema.checkField(cursor, tag, end, DEPTH);
      }
    }
    return judgeTime();
  }

  long labelBytes() {
    return labelBytes;
  }

  /** The time of the point walked last. */
  long timeNanos() {
    return time;
  }

  private @Nullable Rejection judgeTime() {
    if (time == 0) {
      return Rejection.INVALID_TIME;
    }
    return limits.excludes(time) ? Rejection.TIME_OUTSIDE : null;
  }

  private @Nullable Rejection histogram(WireSchema schema, int end) {
    counts = 0;
    bounds = 0;
    boundsIncrease = true;
    while (cursor.position() < end) {
      int tag = cursor.readTag(end);
      if (tag == TIME) {
        time = cursor.readFixed64(end);
      } else if (tag == COUNTS) {
        counts += schema.wholeNumbers(cursor, cursor.readEnd(end), Long.BYTES);
      } else if (tag == COUNT) {
        cursor.hold(Memory.NUMBER);
        cursor.skip(tag, end);
        counts++;
      } else if (tag == BOUNDS) {
        addBounds(schema.wholeNumbers(cursor, cursor.readEnd(end), Double.BYTES));
      } else if (tag == BOUND) {
        cursor.hold(Memory.NUMBER);
        addBound(Double.longBitsToDouble(cursor.readFixed64(end)));
      } else if (tag == EXEMPLAR) {
        checkBesides(schema, tag, end);
      } else {
        schema.checkField(cursor, tag, end, DEPTH);
      }
    }
    series = bounds + SERIES_OF_HISTOGRAM;
    besides += Long.BYTES * (counts + bounds);
    Rejection rejection = judgeTime();
    if (rejection != null) {
      return rejection;
    }
    if (counts != (bounds == 0 && counts == 0 ? 0 : bounds + 1)) {
      return Rejection.INVALID_BUCKETS;
    }
    return boundsIncrease ? null : Rejection.INVALID_BOUNDS;
  }

  /** The numbers just before the cursor. */
  private void addBounds(int count) {
    int end = cursor.position();
    for (int at = end - count * Double.BYTES; at < end; at += Double.BYTES) {
      addBound(Double.longBitsToDouble(cursor.fixed64At(at)));
    }
  }

  /** The comparisons are false for NaN. */
  private void addBound(double bound) {
    boundsIncrease &= bounds == 0 ? !Double.isNaN(bound) : bound > lastBound;
    lastBound = bound;
    bounds++;
  }

  private @Nullable Rejection exponentialHistogram(WireSchema schema, int end) {
    scale = 0;
    positive.reset();
    negative.reset();
    series = SERIES_OF_HISTOGRAM;
    while (cursor.position() < end) {
      int tag = cursor.readTag(end);
      if (tag == TIME) {
        time = cursor.readFixed64(end);
      } else if (tag == SCALE) {
        scale = BucketScanner.zigZag(cursor.readVarint(end));
      } else if (tag == POSITIVE) {
        scanBuckets(positive, schema.child(8), end);
      } else if (tag == NEGATIVE) {
        scanBuckets(negative, schema.child(9), end);
      } else {
        schema.checkField(cursor, tag, end, DEPTH);
      }
    }
    Rejection rejection = judgeTime();
    if (rejection != null) {
      return rejection;
    }
    return positive.fits(scale) && negative.fits(scale) ? null : Rejection.INVALID_SCALE;
  }

  private void scanBuckets(BucketScanner buckets, WireSchema schema, int end) {
    int start = cursor.position();
    buckets.scan(schema, cursor.readEnd(end), DEPTH + 1);
    besides += cursor.position() - start;
  }
}
