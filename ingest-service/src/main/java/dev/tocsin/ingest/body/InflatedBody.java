package dev.tocsin.ingest.body;

import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import java.util.Arrays;

/**
 * What a body inflates to, while it grows: bounded in bytes and in ratio, each block of memory
 * granted before it is taken. Codecs write into {@link #array} at {@link #length} and say how far
 * with {@link #advance}.
 */
final class InflatedBody {
  /** Small bodies may be as repetitive as they like. */
  private static final int RATIO_FREE_BYTES = 1 << 20;

  private static final int FIRST_BLOCK_BYTES = 8 << 10;

  private final String encoding;
  private final int bytesMax;
  private final int ratioMax;
  private final int compressed;
  private final int limit;
  private final Allowance allowance;
  private byte[] bytes = {};
  private int length;
  private long aside;

  /**
   * @param encoding for messages
   * @param compressed length of the body as it came
   */
  InflatedBody(String encoding, int bytesMax, int ratioMax, int compressed, Allowance allowance) {
    this.encoding = encoding;
    this.bytesMax = bytesMax;
    this.ratioMax = ratioMax;
    this.compressed = compressed;
    this.limit = (int) Math.min(bytesMax, Math.max(RATIO_FREE_BYTES, (long) ratioMax * compressed));
    this.allowance = allowance;
  }

  byte[] array() {
    return bytes;
  }

  int length() {
    return length;
  }

  int room() {
    return bytes.length - length;
  }

  void advance(int count) {
    length += count;
  }

  /** Makes room for at least one byte more, unless the limit is reached. */
  void grow() {
    if (room() == 0) {
      resize(Math.max(Math.min(FIRST_BLOCK_BYTES, limit), bytes.length * 2L));
    }
  }

  /**
   * Makes room for what the body itself says is coming; doubling, so that many small pieces are not
   * copied each time.
   *
   * @throws RefusedException when that passes a limit
   */
  void require(long more) {
    if (more < 0 || more > limit - length) {
      throw tooLarge();
    }
    if (more > room()) {
      resize(Math.max(length + more, bytes.length * 2L));
    }
  }

  /** Makes room for what is likely, but may be untrue. */
  void expect(long more) {
    long plausible = Math.min(more, 16L * compressed);
    if (plausible > room()) {
      resize(length + plausible);
    }
  }

  private void resize(long wanted) {
    int size = (int) Math.min(limit, wanted);
    takeMemory(size - bytes.length);
    bytes = Arrays.copyOf(bytes, size);
  }

  /** Asks for memory beside the body, such as a window, until the body is inflated. */
  void takeAside(long count) {
    takeMemory(count);
    aside += count;
  }

  void giveBackAside() {
    allowance.shrink(aside);
    aside = 0;
  }

  private void takeMemory(long count) {
    if (!allowance.grow(count)) {
      throw new RefusedException(
          Reason.OVER_BUDGET, "too many bytes in flight to inflate a body; try again later");
    }
  }

  byte[] toBytes() {
    return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
  }

  RefusedException tooLarge() {
    return new RefusedException(
        Reason.TOO_LARGE,
        "body: inflates to over "
            + limit
            + " bytes from "
            + compressed
            + " (expected: at most "
            + bytesMax
            + ", and at most "
            + ratioMax
            + " times its compressed size)");
  }

  RefusedException damaged(String how) {
    return new RefusedException(Reason.MALFORMED, "body: not valid " + encoding + ", " + how);
  }
}
