package dev.tocsin.segment.column;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class StreamTest {
  private static byte[] written(long[] values, boolean asWide) {
    Stream stream = new Stream();
    for (long value : values) {
      stream.add(value);
    }
    ColumnWriter frame = new ColumnWriter();
    WideNumbers.Writer wide = new WideNumbers.Writer();
    if (asWide) {
      stream.moveTo(frame, wide);
    } else {
      stream.moveTo(frame);
    }
    Sections.Writer sections = new Sections.Writer();
    new Frames.Written(frame, wide).addTo(sections, 0);
    return sections.toBytes();
  }

  private static long[] read(byte[] blob, int count) {
    Sections.Reader sections = new Sections.Reader(blob);
    long[] values = new long[count];
    Stream.read(
        sections.section("0"), new WideNumbers.Reader(sections, "0"), values, 0, values.length);
    return values;
  }

  @Test
  void numbers_comeBack_ofAnyMagnitude() {
    Random random = new Random(11);
    for (int round = 0; round < 500; round++) {
      long[] values = new long[random.nextInt(40)];
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextLong() >> random.nextInt(64);
      }
      if (values.length > 2) {
        values[0] = Long.MIN_VALUE;
        values[1] = Long.MAX_VALUE;
        values[2] = 0;
      }
      assertThat(read(written(values, true), values.length)).isEqualTo(values);
      assertThat(read(written(values, false), values.length)).isEqualTo(values);
    }
  }

  @Test
  void equalNumbers_takeNoRoom() {
    long[] values = new long[5_000];
    Arrays.fill(values, Long.MIN_VALUE);
    assertThat(written(values, true)).hasSizeLessThan(70);
    assertThat(read(written(values, true), values.length)).isEqualTo(values);
  }

  @Test
  void missingBits_areAFormatError() {
    assertThatThrownBy(() -> read(written(new long[] {1_000_000, 2}, true), 3))
        .isInstanceOf(SegmentFormatException.class);
  }
}
