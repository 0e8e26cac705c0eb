package dev.tocsin.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Damages bytes in the ways that parsers, decoders and framings of our kind go wrong by. */
final class Mutator {
  private static final int STEPS_MAX = 3;
  private static final int PIECE_MAX = 64;
  private static final int LENGTH_MAX = 256 << 10;

  /** Extreme varints and lengths, tags of groups and of field 0, ends of UTF-8. */
  private static final List<byte[]> BINARY =
      List.of(
          bytes(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
          bytes(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
          bytes(0xff, 0xff, 0xff, 0xff, 0x07),
          bytes(0x80, 0x80, 0x80, 0x80, 0x08),
          bytes(0x80, 0x80, 0x00),
          bytes(0x7f, 0xff, 0xff, 0xff),
          bytes(0x80, 0x00, 0x00, 0x00),
          bytes(0x00),
          bytes(0x02),
          bytes(0x0b, 0x0c),
          bytes(0x0a, 0x00),
          bytes(0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f),
          bytes(0xc0, 0x80, 0xed, 0xa0, 0x80));

  private static final List<byte[]> TEXT =
      List.of(
          text("null"),
          text("true"),
          text("{}"),
          text("[]"),
          text("\""),
          text("\\"),
          text("\\u0000"),
          text("\\ud800"),
          text("-1"),
          text("1e999"),
          text("\"NaN\""),
          text("99999999999999999999999999"),
          text("{\"resourceSpans\":["),
          text("\"traceId\":\"zz\","),
          text("[".repeat(200)),
          text("{\"kvlistValue\":{\"values\":[{\"value\":".repeat(40)));

  private Mutator() {}

  /**
   * One to three damages.
   *
   * @param text whether the bytes are JSON
   */
  static byte[] mutate(byte[] original, boolean text, SplittableRandom random) {
    byte[] mutated = original;
    for (int steps = 1 + random.nextInt(STEPS_MAX); steps > 0; steps--) {
      mutated = step(mutated, text ? TEXT : BINARY, random);
    }
    return mutated.length > LENGTH_MAX ? Arrays.copyOf(mutated, LENGTH_MAX) : mutated;
  }

  private static byte[] step(byte[] in, List<byte[]> dictionary, SplittableRandom random) {
    int at = random.nextInt(in.length + 1);
    int length = Math.min(in.length - at, 1 + random.nextInt(PIECE_MAX));
    return switch (random.nextInt(8)) {
      case 0 -> changed(in, at, (byte) (1 << random.nextInt(8)));
      case 1 -> changed(in, at, (byte) random.nextInt(256));
      case 2 -> spliced(in, at, length, new byte[0]);
      case 3 -> Arrays.copyOf(in, at);
      case 4 -> spliced(in, at, 0, Arrays.copyOfRange(in, at, at + length));
      case 5 -> spliced(in, at, 0, dictionary.get(random.nextInt(dictionary.size())));
      case 6 -> {
        byte[] word = dictionary.get(random.nextInt(dictionary.size()));
        yield spliced(in, at, Math.min(word.length, in.length - at), word);
      }
      default -> {
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        yield spliced(in, at, length, noise);
      }
    };
  }

  private static byte[] changed(byte[] in, int at, byte mask) {
    if (at == in.length) {
      return in;
    }
    byte[] out = in.clone();
    out[at] ^= mask;
    return out;
  }

  private static byte[] spliced(byte[] in, int at, int removed, byte[] added) {
    byte[] out = new byte[in.length - removed + added.length];
    System.arraycopy(in, 0, out, 0, at);
    System.arraycopy(added, 0, out, at, added.length);
    System.arraycopy(in, at + removed, out, at + added.length, in.length - at - removed);
    return out;
  }

  private static byte[] bytes(int... values) {
    byte[] all = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      all[i] = (byte) values[i];
    }
    return all;
  }

  private static byte[] text(String value) {
    return value.getBytes(UTF_8);
  }
}
