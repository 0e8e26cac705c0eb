package dev.tocsin.segment.golden;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.segment.column.SegmentFormatException;
import dev.tocsin.segment.log.LogSegment;
import dev.tocsin.segment.log.LogSegments;
import dev.tocsin.segment.span.SpanSegment;
import dev.tocsin.segment.span.SpanSegments;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * The format alone, fuzzed: damaged blobs are refused as such, or read as something else; they end
 * in no other exception, and in no error. As a program it goes on for as many minutes as it is
 * told.
 */
class DamageTest {
  private static final int ROUNDS = 1_500;

  private final Golden golden = new Golden(SpanSegments.FORMAT);

  @Test
  void damage_isAFormatError_orReadsAsSomethingElse() {
    assertThat(refused(new Random(1), ROUNDS)).isPositive();
  }

  private int refused(Random random, int rounds) {
    int refused = 0;
    for (int i = 0; i < rounds; i++) {
      refused += refused(this::readSpans, random) + refused(this::readLogs, random);
      refused += refused(this::readMetrics, random);
    }
    return refused;
  }

  private static int refused(Consumer<Random> reading, Random random) {
    try {
      reading.accept(random);
      return 0;
    } catch (SegmentFormatException expected) {
      return 1;
    }
  }

  private byte[] damaged(String name, Random random) {
    byte[] blob = golden.blob(name);
    byte[] copy = Arrays.copyOf(blob, blob.length - random.nextInt(3));
    for (int i = random.nextInt(3); i > 0; i--) {
      copy[random.nextInt(copy.length)] = (byte) random.nextInt();
    }
    return copy;
  }

  private void readSpans(Random random) {
    SpanSegment segment =
        new SpanSegment(
            SpanSegments.FORMAT,
            damaged("spans.core", random),
            damaged("spans.ids", random),
            damaged("spans.attrs", random),
            damaged("spans.events", random));
    Golden.describe(segment);
  }

  private void readLogs(Random random) {
    LogSegment segment =
        new LogSegment(
            LogSegments.FORMAT,
            damaged("logs.meta", random),
            damaged("logs.body", random),
            damaged("logs.attrs", random));
    Golden.describe(segment);
  }

  private void readMetrics(Random random) {
    golden.describeMetrics(damaged("metrics.data", random), damaged("metrics.raw", random));
  }

  /** Argument: minutes. */
  public static void main(String[] arguments) {
    long until = System.nanoTime() + Duration.ofMinutes(Long.parseLong(arguments[0])).toNanos();
    DamageTest test = new DamageTest();
    long seed = 0;
    while (System.nanoTime() < until) {
      test.refused(new Random(seed), 100);
      seed++;
    }
    System.out.println("damage: " + seed * 300 + " blobs, nothing but format errors");
  }
}
