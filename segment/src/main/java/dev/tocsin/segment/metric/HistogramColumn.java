package dev.tocsin.segment.metric;

import dev.tocsin.segment.column.ColumnReader;
import dev.tocsin.segment.column.ColumnWriter;
import org.jspecify.annotations.Nullable;

/**
 * The samples of a series that has exponential histograms, each as the difference to the one before
 * it. A float among them (a staleness marker) is written whole.
 */
final class HistogramColumn {
  private static final int FLOAT = 0;
  private static final int HISTOGRAM = 1;
  private static final Exponential NOTHING =
      new Exponential(0, 0, 0, 0, 0, Exponential.Side.EMPTY, Exponential.Side.EMPTY);

  private HistogramColumn() {}

  static void write(ColumnWriter out, SeriesSamples series) {
    Exponential previous = NOTHING;
    for (int i = 0; i < series.size(); i++) {
      Exponential histogram = series.histogram(i);
      if (histogram == null) {
        out.octet(FLOAT);
        out.fixed64(Double.doubleToRawLongBits(series.value(i)));
      } else {
        out.octet(HISTOGRAM);
        write(out, histogram, previous);
        previous = histogram;
      }
    }
  }

  private static void write(ColumnWriter out, Exponential histogram, Exponential previous) {
    out.signed((long) histogram.scale() - previous.scale());
    out.signed(histogram.count() - previous.count());
    out.fixed64(bits(histogram.sum()) ^ bits(previous.sum()));
    out.signed(histogram.zeroCount() - previous.zeroCount());
    out.unsigned(bits(histogram.zeroThreshold()) ^ bits(previous.zeroThreshold()));
    boolean alike = histogram.scale() == previous.scale();
    write(out, histogram.positive(), alike ? previous.positive() : Exponential.Side.EMPTY);
    write(out, histogram.negative(), alike ? previous.negative() : Exponential.Side.EMPTY);
  }

  private static void write(ColumnWriter out, Exponential.Side side, Exponential.Side previous) {
    out.signed(side.offset() - previous.offset());
    out.unsigned(side.counts().length);
    for (int i = 0; i < side.counts().length; i++) {
      out.signed(side.counts()[i] - previous.at(side.offset() + i));
    }
  }

  private static long bits(double value) {
    return Double.doubleToRawLongBits(value);
  }

  /**
   * @param values to be filled where the sample is a float
   * @return the others
   */
  static @Nullable Exponential[] read(ColumnReader in, double[] values) {
    @Nullable Exponential[] histograms = new Exponential[values.length];
    Exponential previous = NOTHING;
    for (int i = 0; i < values.length; i++) {
      if (in.octet() == FLOAT) {
        values[i] = Double.longBitsToDouble(in.fixed64());
      } else {
        values[i] = Double.NaN;
        previous = read(in, previous);
        histograms[i] = previous;
      }
    }
    return histograms;
  }

  private static Exponential read(ColumnReader in, Exponential previous) {
    int scale = (int) (previous.scale() + in.signed());
    long count = previous.count() + in.signed();
    double sum = Double.longBitsToDouble(in.fixed64() ^ bits(previous.sum()));
    long zeroCount = previous.zeroCount() + in.signed();
    double threshold = Double.longBitsToDouble(in.unsigned() ^ bits(previous.zeroThreshold()));
    boolean alike = scale == previous.scale();
    return new Exponential(
        scale,
        count,
        sum,
        zeroCount,
        threshold,
        readSide(in, alike ? previous.positive() : Exponential.Side.EMPTY),
        readSide(in, alike ? previous.negative() : Exponential.Side.EMPTY));
  }

  private static Exponential.Side readSide(ColumnReader in, Exponential.Side previous) {
    long offset = previous.offset() + in.signed();
    long[] counts = new long[in.count(in.remaining())];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = previous.at(offset + i) + in.signed();
    }
    return new Exponential.Side(offset, counts);
  }
}
