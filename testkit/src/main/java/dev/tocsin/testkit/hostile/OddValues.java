package dev.tocsin.testkit.hostile;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Values for the fields of telemetry: mostly ordinary, now and then at an end of their range or
 * just beyond what anybody expects. Not thread-safe.
 */
final class OddValues {
  private static final int ODD_ONE_IN = 6;

  private static final List<String> WORDS =
      List.of("checkout", "http.route", "GET /cart", "order placed", "eu-west-1", "shipping", "db");

  /** Texts that somebody along the way may take for something else, or cannot hold. */
  private static final List<String> ODD_TEXTS =
      List.of(
          "",
          " ",
          "\0",
          "a\0b",
          "\u0001\u0007\u001b[31m\u007f",
          "line\nof\r\ntwo\u2028three",
          "\"quoted\\\" 'n' {braces} %s $1 <b>",
          "\ud83d\udea8 \u05d0\u202e\u0627",
          "\ufffd\uffff\ufeff",
          "__name__",
          "le",
          "quantile",
          "job",
          "instance",
          "service.name",
          "NaN",
          "-1",
          "null",
          "a".repeat(300),
          "\u00e9".repeat(1_100),
          "k=v,k=v;k=v");

  private static final long[] ODD_LONGS = {
    0, 1, -1, 127, 1L << 31, (1L << 31) - 1, 1L << 32, 1L << 53, Long.MAX_VALUE, Long.MIN_VALUE
  };

  private static final double[] ODD_DOUBLES = {
    0,
    -0.0,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.MIN_VALUE,
    Double.MAX_VALUE,
    -Double.MAX_VALUE,
    1e-300,
    9_007_199_254_740_992.0
  };

  private final SplittableRandom random;
  private final long nowNanos;

  OddValues(SplittableRandom random, long nowNanos) {
    this.random = random;
    this.nowNanos = nowNanos;
  }

  boolean isOdd() {
    return random.nextInt(ODD_ONE_IN) == 0;
  }

  String text() {
    return isOdd() ? oddText() : WORDS.get(random.nextInt(WORDS.size()));
  }

  String oddText() {
    return ODD_TEXTS.get(random.nextInt(ODD_TEXTS.size()));
  }

  /** Nanoseconds since 1970: within the last minute, or odd. */
  long nanos() {
    return isOdd() ? oddNanos() : recentNanos();
  }

  long recentNanos() {
    return nowNanos - random.nextLong(60_000_000_000L);
  }

  /** Zero, the ends, other units than nanoseconds, the future, years ago. */
  long oddNanos() {
    return switch (random.nextInt(7)) {
      case 0 -> nowNanos / 1_000_000;
      case 1 -> nowNanos / 1_000;
      case 2 -> nowNanos / 1_000_000_000;
      case 3 -> nowNanos + 86_400_000_000_000L * 400;
      case 4 -> nowNanos - 86_400_000_000_000L * 800;
      default -> ODD_LONGS[random.nextInt(ODD_LONGS.length)];
    };
  }

  long number() {
    return isOdd() ? ODD_LONGS[random.nextInt(ODD_LONGS.length)] : random.nextInt(1_000);
  }

  int integer() {
    return (int) number();
  }

  double decimal() {
    return isOdd()
        ? ODD_DOUBLES[random.nextInt(ODD_DOUBLES.length)]
        : random.nextInt(100_000) / 100.0;
  }

  /** An id of that many bytes; an odd one has none, other many, or only zeros. */
  ByteString id(int length) {
    if (isOdd()) {
      return switch (random.nextInt(3)) {
        case 0 -> ByteString.EMPTY;
        case 1 -> ByteString.copyFrom(new byte[length]);
        default -> bytes(1 + random.nextInt(40));
      };
    }
    return bytes(length);
  }

  ByteString bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }
}
