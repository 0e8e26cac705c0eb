package dev.tocsin.segment.metric;

import dev.tocsin.segment.column.ColumnReader;
import dev.tocsin.segment.column.ColumnWriter;
import dev.tocsin.segment.column.Sections;
import dev.tocsin.segment.column.SegmentFormatException;
import dev.tocsin.segment.index.Hashes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Samples to a block and back. Times are deltas of deltas; series of whole numbers are deltas,
 * others are XORed with the value before and laid out as eight planes of bytes. Series with
 * exponential histograms have a column of their own, {@link HistogramColumn}.
 */
public final class MetricBlocks {
  /** The format written by this version, stored beside each block. */
  public static final int FORMAT = 2;

  private static final int WHOLE = 0;
  private static final int XOR = 1;
  private static final int HISTOGRAMS = 2;
  private static final int ACCUMULATED = 1;
  private static final int SERIES_MAX = 1 << 24;
  private static final double WHOLE_MAX = 1L << 53;

  private MetricBlocks() {}

  /**
   * @param series at least one, each with at least one sample
   */
  public static EncodedMetrics encode(Collection<SeriesSamples> series) {
    List<SeriesSamples> sorted = sorted(series);
    ColumnWriter directory = new ColumnWriter();
    ColumnWriter times = new ColumnWriter();
    ColumnWriter modes = new ColumnWriter();
    ColumnWriter wholes = new ColumnWriter();
    ColumnWriter histograms = new ColumnWriter();
    List<ColumnWriter> planes = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      planes.add(new ColumnWriter());
    }
    directory.unsigned(sorted.size());
    int count = 0;
    long minMs = Long.MAX_VALUE;
    long maxMs = Long.MIN_VALUE;
    long previousFirst = 0;
    for (SeriesSamples each : sorted) {
      directory.fixed64(each.id());
      directory.octet(each.accumulated() ? ACCUMULATED : 0);
      directory.unsigned(each.size());
      times.signed(each.timeMs(0) - previousFirst);
      previousFirst = each.timeMs(0);
      addTimes(times, each);
      int mode = each.hasHistograms() ? HISTOGRAMS : isWhole(each) ? WHOLE : XOR;
      modes.octet(mode);
      switch (mode) {
        case HISTOGRAMS -> HistogramColumn.write(histograms, each);
        case WHOLE -> addWhole(wholes, each);
        default -> addXor(planes, each);
      }
      count += each.size();
      minMs = Math.min(minMs, each.timeMs(0));
      maxMs = Math.max(maxMs, each.timeMs(each.size() - 1));
    }
    Sections.Writer sections = new Sections.Writer();
    sections.add("series", directory);
    sections.add("times", times);
    sections.add("modes", modes);
    sections.add("wholes", wholes);
    for (int i = 0; i < 8; i++) {
      sections.add("plane" + i, planes.get(i));
    }
    if (histograms.size() > 0) {
      sections.add("histograms", histograms);
    }
    Integer[] metrics =
        sorted.stream()
            .map(SeriesSamples::metric)
            .distinct()
            .map(Hashes::metric)
            .distinct()
            .sorted()
            .toArray(Integer[]::new);
    long unpacked = sorted.stream().mapToLong(SeriesSamples::bytes).sum();
    return new EncodedMetrics(
        count,
        minMs,
        maxMs,
        metrics,
        sections.toBytes(),
        new byte[0],
        EncodedMetrics.capped(unpacked));
  }

  /** Series in the order in which a block has them. */
  static List<SeriesSamples> sorted(Collection<SeriesSamples> series) {
    List<SeriesSamples> sorted = new ArrayList<>(series);
    sorted.sort(Comparator.comparing(SeriesSamples::metric).thenComparingLong(SeriesSamples::id));
    return sorted;
  }

  private static void addTimes(ColumnWriter times, SeriesSamples series) {
    long previousDelta = 0;
    for (int i = 1; i < series.size(); i++) {
      long delta = series.timeMs(i) - series.timeMs(i - 1);
      times.signed(delta - previousDelta);
      previousDelta = delta;
    }
  }

  private static boolean isWhole(SeriesSamples series) {
    for (int i = 0; i < series.size(); i++) {
      double value = series.value(i);
      boolean negativeZero = value == 0 && Double.doubleToRawLongBits(value) != 0;
      if (value != Math.rint(value) || Math.abs(value) > WHOLE_MAX || negativeZero) {
        return false;
      }
    }
    return true;
  }

  private static void addWhole(ColumnWriter wholes, SeriesSamples series) {
    long previous = 0;
    for (int i = 0; i < series.size(); i++) {
      long value = (long) series.value(i);
      wholes.signed(value - previous);
      previous = value;
    }
  }

  private static void addXor(List<ColumnWriter> planes, SeriesSamples series) {
    long previous = 0;
    for (int i = 0; i < series.size(); i++) {
      long bits = Double.doubleToRawLongBits(series.value(i));
      long difference = bits ^ previous;
      previous = bits;
      for (int plane = 0; plane < 8; plane++) {
        planes.get(plane).octet((int) (difference >>> (8 * plane)));
      }
    }
  }

  /** Bytes that a block takes before series are made of it. */
  public static long inflated(byte[] data) {
    return new Sections.Reader(data).inflated();
  }

  /**
   * All series of a block, without their metric names.
   *
   * @param format as stored beside the data
   * @throws SegmentFormatException when the data are no block of a known format
   */
  public static List<SeriesSamples> decode(int format, byte[] data) {
    return decode(format, data, id -> true);
  }

  /** The series of a block that are wanted, likewise; the others are stepped over. */
  public static List<SeriesSamples> decode(int format, byte[] data, LongPredicate wanted) {
    if (format != FORMAT) {
      throw new SegmentFormatException(
          "metric block format " + format + " (expected: " + FORMAT + ")");
    }
    Sections.Reader sections = new Sections.Reader(data);
    ColumnReader directory = sections.section("series");
    int seriesCount = directory.count(SERIES_MAX);
    Values values = new Values(sections);
    List<SeriesSamples> all = new ArrayList<>();
    long first = 0;
    for (int i = 0; i < seriesCount; i++) {
      long id = directory.fixed64();
      boolean accumulated = directory.octet() == ACCUMULATED;
      int size = directory.count(values.times.remaining());
      if (size == 0) {
        throw new SegmentFormatException("series without samples");
      }
      first += values.times.signed();
      if (wanted.test(id)) {
        all.add(values.read(id, accumulated, first, size));
      } else {
        values.skip(size);
      }
    }
    return all;
  }

  /** The columns of times and values, read side by side. */
  private static final class Values {
    final ColumnReader times;
    final ColumnReader modes;
    final ColumnReader wholes;
    final ColumnReader histograms;
    final ColumnReader[] planes = new ColumnReader[8];

    Values(Sections.Reader sections) {
      times = sections.section("times");
      modes = sections.section("modes");
      wholes = sections.section("wholes");
      histograms =
          sections.names().contains("histograms")
              ? sections.section("histograms")
              : new ColumnReader(new byte[0]);
      for (int i = 0; i < planes.length; i++) {
        planes[i] = sections.section("plane" + i);
      }
    }

    SeriesSamples read(long id, boolean accumulated, long first, int size) {
      long[] timesMs = readTimes(times, first, size);
      int mode = modes.octet();
      if (mode == HISTOGRAMS) {
        double[] floats = new double[size];
        @Nullable Exponential[] found = HistogramColumn.read(histograms, floats);
        return new SeriesSamples(id, "", accumulated, timesMs, floats, found, size);
      }
      double[] floats = mode == WHOLE ? readWhole(wholes, size) : readXor(planes, size);
      return new SeriesSamples(id, "", accumulated, timesMs, floats, null, size);
    }

    void skip(int size) {
      times.skipVarints(size - 1);
      switch (modes.octet()) {
        case HISTOGRAMS -> HistogramColumn.read(histograms, new double[size]);
        case WHOLE -> wholes.skipVarints(size);
        default -> {
          for (ColumnReader plane : planes) {
            int unused = plane.skip(size);
          }
        }
      }
    }
  }

  private static long[] readTimes(ColumnReader in, long first, int size) {
    long[] timesMs = new long[size];
    timesMs[0] = first;
    long delta = 0;
    for (int i = 1; i < size; i++) {
      delta += in.signed();
      timesMs[i] = timesMs[i - 1] + delta;
    }
    return timesMs;
  }

  private static double[] readWhole(ColumnReader in, int size) {
    double[] values = new double[size];
    long value = 0;
    for (int i = 0; i < size; i++) {
      value += in.signed();
      values[i] = value;
    }
    return values;
  }

  private static double[] readXor(ColumnReader[] planes, int size) {
    double[] values = new double[size];
    long bits = 0;
    for (int i = 0; i < size; i++) {
      long difference = 0;
      for (int plane = 0; plane < 8; plane++) {
        difference |= (long) planes[plane].octet() << (8 * plane);
      }
      bits ^= difference;
      values[i] = Double.longBitsToDouble(bits);
    }
    return values;
  }
}
