package dev.tocsin.segment.metric;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import dev.tocsin.segment.column.SegmentFormatException;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import java.util.List;

/**
 * How points of one type come apart: what is the same in every point of a stream (attributes,
 * flags, bounds, which fields are there; numbers are 0) and the numbers, 64 bits each. {@link
 * #predict} says what the numbers should be by the samples that PromQL has of the point.
 *
 * @param <P> the type of the points
 */
abstract class PointShape<P extends Message> {
  static final PointShape<NumberDataPoint> NUMBERS = new Numbers();
  static final PointShape<HistogramDataPoint> HISTOGRAMS = new Histograms();
  static final PointShape<ExponentialHistogramDataPoint> EXPONENTIALS = new Exponentials();
  static final PointShape<SummaryDataPoint> SUMMARIES = new Summaries();

  /** The shape of a metric's points. */
  static PointShape<?> of(Metric metric) {
    return switch (metric.getDataCase()) {
      case GAUGE, SUM -> NUMBERS;
      case HISTOGRAM -> HISTOGRAMS;
      case EXPONENTIAL_HISTOGRAM -> EXPONENTIALS;
      case SUMMARY -> SUMMARIES;
      case DATA_NOT_SET -> throw new SegmentFormatException("stored metric without a type");
    };
  }

  private static final class Numbers extends PointShape<NumberDataPoint> {
    @Override
    NumberDataPoint parse(ByteString bytes) throws InvalidProtocolBufferException {
      return NumberDataPoint.parseFrom(bytes);
    }

    @Override
    long time(NumberDataPoint point) {
      return point.getTimeUnixNano();
    }

    @Override
    long start(NumberDataPoint point) {
      return point.getStartTimeUnixNano();
    }

    @Override
    List<Exemplar> exemplars(NumberDataPoint point) {
      return point.getExemplarsList();
    }

    @Override
    boolean isLike(NumberDataPoint constant, NumberDataPoint point) {
      return constant.getValueCase() == point.getValueCase()
          && constant.getFlags() == point.getFlags()
          && constant.getAttributesList().equals(point.getAttributesList())
          && constant.getUnknownFields().equals(point.getUnknownFields());
    }

    @Override
    ByteString constant(NumberDataPoint point) {
      NumberDataPoint.Builder rest = point.toBuilder();
      rest.clearTimeUnixNano().clearStartTimeUnixNano().clearExemplars();
      if (rest.hasAsInt()) {
        rest.setAsInt(0);
      } else if (rest.hasAsDouble()) {
        rest.setAsDouble(0);
      }
      return rest.build().toByteString();
    }

    @Override
    long[] numbers(NumberDataPoint point) {
      NumberDataPoint each = point;
      return switch (each.getValueCase()) {
        case AS_INT -> new long[] {each.getAsInt()};
        case AS_DOUBLE -> new long[] {bits(each.getAsDouble())};
        case VALUE_NOT_SET -> new long[0];
      };
    }

    @Override
    void predict(NumberDataPoint constant, double[] samples, long[] previous, long[] into) {
      NumberDataPoint each = constant;
      if (into.length > 0) {
        into[0] = each.hasAsInt() ? (long) samples[0] : bits(samples[0]);
      }
    }

    @Override
    void add(
        NumberDataPoint constant,
        long time,
        long start,
        long[] numbers,
        ByteString rest,
        List<Exemplar> exemplars,
        Metric.Builder metric) {
      NumberDataPoint.Builder point = constant.toBuilder();
      if (point.hasAsInt()) {
        point.setAsInt(numbers[0]);
      } else if (point.hasAsDouble()) {
        point.setAsDouble(Double.longBitsToDouble(numbers[0]));
      }
      point.setTimeUnixNano(time).setStartTimeUnixNano(start).addAllExemplars(exemplars);
      if (metric.hasSum()) {
        metric.getSumBuilder().addDataPoints(point);
      } else {
        metric.getGaugeBuilder().addDataPoints(point);
      }
    }
  }

  /** Count, sum, least, greatest, buckets; samples are buckets, all, sum (if any), count. */
  private static final class Histograms extends PointShape<HistogramDataPoint> {
    @Override
    HistogramDataPoint parse(ByteString bytes) throws InvalidProtocolBufferException {
      return HistogramDataPoint.parseFrom(bytes);
    }

    @Override
    long time(HistogramDataPoint point) {
      return point.getTimeUnixNano();
    }

    @Override
    long start(HistogramDataPoint point) {
      return point.getStartTimeUnixNano();
    }

    @Override
    List<Exemplar> exemplars(HistogramDataPoint point) {
      return point.getExemplarsList();
    }

    @Override
    boolean isLike(HistogramDataPoint constant, HistogramDataPoint point) {
      return constant.hasSum() == point.hasSum()
          && constant.hasMin() == point.hasMin()
          && constant.hasMax() == point.hasMax()
          && constant.getFlags() == point.getFlags()
          && constant.getBucketCountsCount() == point.getBucketCountsCount()
          && constant.getExplicitBoundsList().equals(point.getExplicitBoundsList())
          && constant.getAttributesList().equals(point.getAttributesList())
          && constant.getUnknownFields().equals(point.getUnknownFields());
    }

    @Override
    ByteString constant(HistogramDataPoint point) {
      HistogramDataPoint.Builder rest = point.toBuilder();
      rest.clearTimeUnixNano().clearStartTimeUnixNano().clearExemplars().clearCount();
      if (rest.hasSum()) {
        rest.setSum(0);
      }
      if (rest.hasMin()) {
        rest.setMin(0);
      }
      if (rest.hasMax()) {
        rest.setMax(0);
      }
      for (int i = 0; i < rest.getBucketCountsCount(); i++) {
        rest.setBucketCounts(i, 0);
      }
      return rest.build().toByteString();
    }

    @Override
    long[] numbers(HistogramDataPoint point) {
      HistogramDataPoint each = point;
      long[] numbers = new long[headers(each) + each.getBucketCountsCount()];
      int at = 0;
      numbers[at++] = each.getCount();
      if (each.hasSum()) {
        numbers[at++] = bits(each.getSum());
      }
      if (each.hasMin()) {
        numbers[at++] = bits(each.getMin());
      }
      if (each.hasMax()) {
        numbers[at++] = bits(each.getMax());
      }
      for (int i = 0; i < each.getBucketCountsCount(); i++) {
        numbers[at++] = each.getBucketCounts(i);
      }
      return numbers;
    }

    private int headers(HistogramDataPoint point) {
      return 1 + (point.hasSum() ? 1 : 0) + (point.hasMin() ? 1 : 0) + (point.hasMax() ? 1 : 0);
    }

    @Override
    void predict(HistogramDataPoint constant, double[] samples, long[] previous, long[] into) {
      HistogramDataPoint each = constant;
      int at = 0;
      double count = samples[samples.length - 1];
      into[at++] = (long) count;
      if (each.hasSum()) {
        into[at++] = bits(samples[samples.length - 2]);
      }
      for (; at < headers(each); at++) {
        into[at] = previous[at];
      }
      int bounded = Math.min(each.getBucketCountsCount(), each.getExplicitBoundsCount());
      double below = 0;
      for (int i = 0; i < bounded; i++) {
        into[at++] = (long) (samples[i] - below);
        below = samples[i];
      }
      if (at < into.length) {
        into[at++] = (long) (count - below);
      }
      for (; at < into.length; at++) {
        into[at] = 0;
      }
    }

    @Override
    void add(
        HistogramDataPoint constant,
        long time,
        long start,
        long[] numbers,
        ByteString rest,
        List<Exemplar> exemplars,
        Metric.Builder metric) {
      HistogramDataPoint.Builder point = constant.toBuilder();
      int at = 0;
      point.setCount(numbers[at++]);
      if (point.hasSum()) {
        point.setSum(Double.longBitsToDouble(numbers[at++]));
      }
      if (point.hasMin()) {
        point.setMin(Double.longBitsToDouble(numbers[at++]));
      }
      if (point.hasMax()) {
        point.setMax(Double.longBitsToDouble(numbers[at++]));
      }
      for (int i = 0; i < point.getBucketCountsCount(); i++) {
        point.setBucketCounts(i, numbers[at++]);
      }
      metric
          .getHistogramBuilder()
          .addDataPoints(
              point.setTimeUnixNano(time).setStartTimeUnixNano(start).addAllExemplars(exemplars));
    }
  }

  /** No numbers: what is not constant is kept as it is, but for what a stored histogram says. */
  private static final class Exponentials extends PointShape<ExponentialHistogramDataPoint> {
    @Override
    ExponentialHistogramDataPoint parse(ByteString bytes) throws InvalidProtocolBufferException {
      return ExponentialHistogramDataPoint.parseFrom(bytes);
    }

    @Override
    long time(ExponentialHistogramDataPoint point) {
      return point.getTimeUnixNano();
    }

    @Override
    long start(ExponentialHistogramDataPoint point) {
      return point.getStartTimeUnixNano();
    }

    @Override
    List<Exemplar> exemplars(ExponentialHistogramDataPoint point) {
      return point.getExemplarsList();
    }

    @Override
    boolean isLike(ExponentialHistogramDataPoint constant, ExponentialHistogramDataPoint point) {
      return constant.getFlags() == point.getFlags()
          && constant.getAttributesList().equals(point.getAttributesList())
          && constant.getUnknownFields().equals(point.getUnknownFields());
    }

    @Override
    ByteString constant(ExponentialHistogramDataPoint point) {
      return variable(point.toBuilder().clearExemplars()).build().toByteString();
    }

    private ExponentialHistogramDataPoint.Builder variable(
        ExponentialHistogramDataPoint.Builder point) {
      return point
          .clearTimeUnixNano()
          .clearStartTimeUnixNano()
          .clearCount()
          .clearSum()
          .clearScale()
          .clearZeroCount()
          .clearZeroThreshold()
          .clearPositive()
          .clearNegative()
          .clearMin()
          .clearMax();
    }

    @Override
    long[] numbers(ExponentialHistogramDataPoint point) {
      return new long[0];
    }

    @Override
    ByteString rest(ExponentialHistogramDataPoint point) {
      return point.toBuilder()
          .clearTimeUnixNano()
          .clearStartTimeUnixNano()
          .clearExemplars()
          .clearAttributes()
          .clearFlags()
          .setUnknownFields(UnknownFieldSet.getDefaultInstance())
          .build()
          .toByteString();
    }

    @Override
    void add(
        ExponentialHistogramDataPoint constant,
        long time,
        long start,
        long[] numbers,
        ByteString rest,
        List<Exemplar> exemplars,
        Metric.Builder metric) {
      try {
        metric
            .getExponentialHistogramBuilder()
            .addDataPoints(
                constant.toBuilder()
                    .mergeFrom(rest)
                    .setTimeUnixNano(time)
                    .setStartTimeUnixNano(start)
                    .addAllExemplars(exemplars));
      } catch (InvalidProtocolBufferException e) {
        throw new SegmentFormatException("stored histogram: " + e.getMessage(), e);
      }
    }
  }

  /** Count, sum, values; samples are quantiles, sum, count. */
  private static final class Summaries extends PointShape<SummaryDataPoint> {
    @Override
    SummaryDataPoint parse(ByteString bytes) throws InvalidProtocolBufferException {
      return SummaryDataPoint.parseFrom(bytes);
    }

    @Override
    long time(SummaryDataPoint point) {
      return point.getTimeUnixNano();
    }

    @Override
    long start(SummaryDataPoint point) {
      return point.getStartTimeUnixNano();
    }

    @Override
    ByteString constant(SummaryDataPoint point) {
      SummaryDataPoint.Builder rest = point.toBuilder();
      rest.clearTimeUnixNano().clearStartTimeUnixNano().clearCount().clearSum();
      for (int i = 0; i < rest.getQuantileValuesCount(); i++) {
        rest.getQuantileValuesBuilder(i).setValue(0);
      }
      return rest.build().toByteString();
    }

    @Override
    long[] numbers(SummaryDataPoint point) {
      SummaryDataPoint each = point;
      long[] numbers = new long[2 + each.getQuantileValuesCount()];
      numbers[0] = each.getCount();
      numbers[1] = bits(each.getSum());
      for (int i = 2; i < numbers.length; i++) {
        numbers[i] = bits(each.getQuantileValues(i - 2).getValue());
      }
      return numbers;
    }

    @Override
    void predict(SummaryDataPoint constant, double[] samples, long[] previous, long[] into) {
      into[0] = (long) samples[samples.length - 1];
      into[1] = bits(samples[samples.length - 2]);
      for (int i = 2; i < into.length; i++) {
        into[i] = bits(samples[i - 2]);
      }
    }

    @Override
    void add(
        SummaryDataPoint constant,
        long time,
        long start,
        long[] numbers,
        ByteString rest,
        List<Exemplar> exemplars,
        Metric.Builder metric) {
      SummaryDataPoint.Builder point = constant.toBuilder();
      point.setCount(numbers[0]).setSum(Double.longBitsToDouble(numbers[1]));
      for (int i = 2; i < numbers.length; i++) {
        point.getQuantileValuesBuilder(i - 2).setValue(Double.longBitsToDouble(numbers[i]));
      }
      metric
          .getSummaryBuilder()
          .addDataPoints(point.setTimeUnixNano(time).setStartTimeUnixNano(start));
    }
  }

  abstract P parse(ByteString bytes) throws InvalidProtocolBufferException;

  /** What every point of a stream has in common. */
  final P constant(ByteString bytes) {
    try {
      return parse(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("stored point: " + e.getMessage(), e);
    }
  }

  abstract long time(P point);

  abstract long start(P point);

  List<Exemplar> exemplars(P point) {
    return List.of();
  }

  /**
   * Whether {@link #constant} of the point is certainly that of a stream, found out more cheaply;
   * false when it has to be made to know.
   */
  boolean isLike(P constant, P point) {
    return false;
  }

  /** The part of a stream's points that is the same in all. */
  abstract ByteString constant(P point);

  abstract long[] numbers(P point);

  /** How many {@link #numbers} points have. */
  final int size(P constant) {
    return numbers(constant).length;
  }

  /** What is neither constant nor a number. */
  ByteString rest(P point) {
    return ByteString.EMPTY;
  }

  /**
   * @param samples values at the point's time of the series it belongs to, in the order in which
   *     PrometheusSeries has them; 0 where there is none
   * @param previous numbers of the point before, 0 for the first
   */
  void predict(P constant, double[] samples, long[] previous, long[] into) {}

  /** Adds a point to its metric. */
  abstract void add(
      P constant,
      long time,
      long start,
      long[] numbers,
      ByteString rest,
      List<Exemplar> exemplars,
      Metric.Builder metric);

  private static long bits(double value) {
    return Double.doubleToRawLongBits(value);
  }
}
