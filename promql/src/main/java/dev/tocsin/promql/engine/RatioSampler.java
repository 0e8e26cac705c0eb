package dev.tocsin.promql.engine;

import dev.tocsin.promql.series.Labels;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Picks a share of all label sets by hash: a ratio r and its complement r - 1 split them without
 * overlap. The hash is the one a Prometheus built without tags takes, so that both pick the same
 * series: xxHash over each name and value behind its length, names in the order of their bytes.
 * (Builds tagged slicelabels or dedupelabels hash another form and pick others.)
 */
final class RatioSampler {
  private static final double RANGE = 0x1p64;

  /** Lengths from here on take this byte and three more. */
  private static final int LONG_LENGTH = 255;

  private RatioSampler() {}

  static boolean keeps(double ratio, double share) {
    return ratio >= 0 ? share < ratio : share >= 1 + ratio;
  }

  /** Where between 0 and 1 a label set lies. */
  static double share(Labels labels) {
    long hash = XxHash64.of(encoded(labels));
    // Halved with the lowest bit kept, the number rounds as the unsigned one does.
    double unsigned = hash >= 0 ? hash : 2.0 * ((hash >>> 1) | (hash & 1));
    return unsigned / RANGE;
  }

  static byte[] encoded(Labels labels) {
    List<byte[][]> pairs = new ArrayList<>(labels.size());
    labels.forEach((name, value) -> pairs.add(new byte[][] {utf8(name), utf8(value)}));
    pairs.sort(Comparator.comparing(pair -> pair[0], Arrays::compareUnsigned));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[][] pair : pairs) {
      append(out, pair[0]);
      append(out, pair[1]);
    }
    return out.toByteArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void append(ByteArrayOutputStream out, byte[] text) {
    out.write(Math.min(text.length, LONG_LENGTH));
    if (text.length >= LONG_LENGTH) {
      out.write(text.length);
      out.write(text.length >> 8);
      out.write(text.length >> 16);
    }
    out.writeBytes(text);
  }
}
