package dev.tocsin.segment.metric;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class MetricBlocksTest {
  private static final double[] ODD = {
    Double.NaN,
    Double.longBitsToDouble(0x7ff0000000000002L),
    -0.0,
    0.0,
    Double.NEGATIVE_INFINITY,
    Double.MAX_VALUE,
    1L << 53,
    0.1
  };

  @Test
  void samples_comeBackBitByBit_whateverTheyAre() {
    for (int seed = 0; seed < 80; seed++) {
      Random random = new Random(seed);
      List<SeriesSamples> series = new ArrayList<>();
      for (int i = 0; i <= seed; i++) {
        series.add(randomSeries(random, i));
      }
      EncodedMetrics encoded = MetricBlocks.encode(series);
      List<SeriesSamples> decoded = MetricBlocks.decode(MetricBlocks.FORMAT, encoded.data());
      decoded.sort(Comparator.comparingLong(SeriesSamples::id));
      series.sort(Comparator.comparingLong(SeriesSamples::id));
      assertThat(decoded.stream().map(MetricBlocksTest::describe).toList())
          .as("seed %s", seed)
          .isEqualTo(series.stream().map(MetricBlocksTest::describe).toList());
      assertThat(encoded.count()).isEqualTo(series.stream().mapToInt(SeriesSamples::size).sum());
    }
  }

  @Test
  void samples_areKeptInTimeOrder_whenTheyComeLate() {
    SeriesSamples samples = new SeriesSamples(1, "m", false);
    samples.add(30, 3);
    samples.add(10, 1);
    samples.add(20, 2);
    samples.add(20, 2.5);
    assertThat(describe(samples))
        .isEqualTo("1 false 10=3ff0000000000000 20=4004000000000000" + " 30=4008000000000000");
  }

  private static SeriesSamples randomSeries(Random random, int i) {
    SeriesSamples samples =
        new SeriesSamples(random.nextLong(), "metric" + i % 3, random.nextBoolean());
    long time = 1_790_000_000_000L + random.nextInt(10_000);
    double value = random.nextInt(100);
    int style = random.nextInt(3);
    for (int n = random.nextInt(20); n >= 0; n--) {
      time += 1 + random.nextInt(15_000);
      value = style == 0 ? value + random.nextInt(9) : random.nextDouble() * 1e6;
      samples.add(time, style == 2 ? ODD[random.nextInt(ODD.length)] : value);
    }
    return samples;
  }

  private static String describe(SeriesSamples samples) {
    StringBuilder text = new StringBuilder().append(samples.id()).append(' ');
    text.append(samples.accumulated());
    for (int i = 0; i < samples.size(); i++) {
      String bits = Long.toHexString(Double.doubleToRawLongBits(samples.value(i)));
      text.append(' ').append(samples.timeMs(i)).append('=').append(bits);
    }
    return text.toString();
  }
}
