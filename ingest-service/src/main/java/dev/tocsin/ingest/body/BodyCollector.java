package dev.tocsin.ingest.body;

import dev.tocsin.ingest.Reason;
import dev.tocsin.ingest.RefusedException;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;

/**
 * Gathers the chunks of one body. Memory follows what has arrived, never what was only announced.
 */
public final class BodyCollector {
  private static final int FIRST_BYTES = 16 << 10;
  private static final byte[] EMPTY = {};

  private final int bytesMax;
  private final Allowance allowance;
  private byte[] bytes = EMPTY;
  private int length;
  private long announced = -1;

  public BodyCollector(int bytesMax, Allowance allowance) {
    this.bytesMax = bytesMax;
    this.allowance = allowance;
  }

  /**
   * Notes the length that the client announced.
   *
   * @throws RefusedException when it is over the limit
   */
  public void announce(long bodyLength) {
    if (bodyLength > bytesMax) {
      throw tooLarge(bodyLength + " bytes");
    }
    announced = bodyLength;
  }

  /** How many bytes have arrived. */
  public int length() {
    return length;
  }

  /**
   * @throws RefusedException when the body passes its limit or is not granted the memory
   */
  public void append(Buffer chunk) {
    long total = (long) length + chunk.length();
    if (total > bytesMax) {
      throw tooLarge("over " + bytesMax + " bytes");
    }
    if (total > bytes.length) {
      resize((int) total);
    }
    chunk.getBytes(bytes, length);
    length = (int) total;
  }

  private void resize(int needed) {
    int ceiling = announced >= needed ? (int) announced : bytesMax;
    int size = (int) Math.min(ceiling, Math.max(needed, Math.max(FIRST_BYTES, bytes.length * 2L)));
    if (!allowance.grow(size - bytes.length)) {
      throw new RefusedException(Reason.OVER_BUDGET, "too many bytes in flight; try again later");
    }
    bytes = Arrays.copyOf(bytes, size);
  }

  /** The body; the collector is not used any more. */
  public byte[] take() {
    byte[] body = length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    bytes = EMPTY;
    return body;
  }

  /** Forgets what has arrived; the collector is not used any more. */
  public void drop() {
    bytes = EMPTY;
  }

  private RefusedException tooLarge(String size) {
    return new RefusedException(
        Reason.TOO_LARGE, "body: " + size + " (expected: at most " + bytesMax + ")");
  }
}
