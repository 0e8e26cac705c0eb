package dev.tocsin.segment.metric;

import dev.tocsin.segment.column.ColumnReader;
import dev.tocsin.segment.column.ColumnWriter;
import dev.tocsin.segment.column.Sections;
import dev.tocsin.segment.column.SegmentFormatException;
import java.util.Arrays;
import java.util.Collection;

/**
 * Every time of a block's points once, ascending, in nanoseconds. The samples tell the
 * milliseconds; what is stored is how many points' times lie in each, and what is beyond it.
 */
final class Clock {
  private static final long NANOS_PER_MS = 1_000_000;

  private Clock() {}

  /** Every time once, ascending. */
  static long[] of(Collection<PointStream<?>> streams) {
    long[] all = new long[streams.stream().mapToInt(PointStream::size).sum()];
    int at = 0;
    for (PointStream<?> stream : streams) {
      for (int i = 0; i < stream.size(); i++) {
        all[at++] = stream.time(i);
      }
    }
    return distinct(all);
  }

  private static long[] millis(Collection<SeriesSamples> block) {
    long[] all = new long[block.stream().mapToInt(SeriesSamples::size).sum()];
    int at = 0;
    for (SeriesSamples series : block) {
      for (int i = 0; i < series.size(); i++) {
        all[at++] = series.timeMs(i);
      }
    }
    return distinct(all);
  }

  private static long[] distinct(long[] all) {
    Arrays.sort(all);
    int size = 0;
    for (int i = 0; i < all.length; i++) {
      if (size == 0 || all[i] != all[size - 1]) {
        all[size++] = all[i];
      }
    }
    return Arrays.copyOf(all, size);
  }

  static void write(long[] clock, Collection<SeriesSamples> block, Sections.Writer sections) {
    long[] millis = millis(block);
    ColumnWriter counts = new ColumnWriter();
    ColumnWriter others = new ColumnWriter();
    ColumnWriter[] planes = {new ColumnWriter(), new ColumnWriter(), new ColumnWriter()};
    int next = 0;
    int count = 0;
    long other = 0;
    for (long tick : clock) {
      long milli = Math.floorDiv(tick, NANOS_PER_MS);
      for (; next < millis.length && millis[next] < milli; next++) {
        counts.unsigned(count);
        count = 0;
      }
      if (next < millis.length && millis[next] == milli) {
        count++;
        int beyond = (int) Math.floorMod(tick, NANOS_PER_MS);
        for (int plane = 0; plane < planes.length; plane++) {
          planes[plane].octet(beyond >>> (8 * plane));
        }
      } else {
        others.signed(tick - other);
        other = tick;
      }
    }
    if (count > 0) {
      counts.unsigned(count);
    }
    sections.add("ticks", counts);
    sections.add("other_ticks", others);
    for (int plane = 0; plane < planes.length; plane++) {
      sections.add("nanos" + plane, planes[plane]);
    }
  }

  static long[] read(Sections.Reader sections, Collection<SeriesSamples> block) {
    long[] millis = millis(block);
    ColumnReader counts = sections.section("ticks");
    ColumnReader others = sections.section("other_ticks");
    ColumnReader[] planes = new ColumnReader[3];
    for (int plane = 0; plane < planes.length; plane++) {
      planes[plane] = sections.section("nanos" + plane);
    }
    long[] clock = new long[planes[0].remaining() + others.remaining()];
    int size = 0;
    int next = 0;
    while (counts.hasMore()) {
      if (next == millis.length) {
        throw new SegmentFormatException("times beyond the " + next + " of the samples");
      }
      long milli = millis[next++];
      for (int left = counts.count(planes[0].remaining()); left > 0; left--) {
        int beyond = 0;
        for (int plane = 0; plane < planes.length; plane++) {
          beyond |= planes[plane].octet() << (8 * plane);
        }
        clock[size++] = milli * NANOS_PER_MS + beyond;
      }
    }
    long other = 0;
    while (others.hasMore()) {
      other += others.signed();
      clock[size++] = other;
    }
    return distinct(Arrays.copyOf(clock, size));
  }
}
