package dev.tocsin.ingest.body;

import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;

/**
 * Gathers the chunks of one body. The first MiB of what the client announces is granted or refused
 * before it is sent: under overload whatever was let in then comes to its end, instead of all
 * bodies growing until most must be thrown away. Beyond that, grants follow what has arrived, as
 * memory does from the start.
 */
public final class BodyCollector {
  private static final int FIRST_BYTES = 16 << 10;
  private static final long RESERVED_BYTES_MAX = 1 << 20;
  private static final byte[] EMPTY = {};

  private final int bytesMax;
  private final Allowance allowance;
  private byte[] bytes = EMPTY;
  private int length;
  private long announced = -1;
  private long granted;

  public BodyCollector(int bytesMax, Allowance allowance) {
    this.bytesMax = bytesMax;
    this.allowance = allowance;
  }

  /**
   * Notes the length that the client announced and reserves its beginning.
   *
   * @throws RefusedException when it is over the limit, or is not granted
   */
  public void announce(long bodyLength) {
    if (bodyLength > bytesMax) {
      throw tooLarge(bodyLength + " bytes");
    }
    announced = bodyLength;
    grant(Math.min(bodyLength, RESERVED_BYTES_MAX));
  }

  private void grant(long bytesInAll) {
    if (bytesInAll > granted) {
      if (!allowance.grow(bytesInAll - granted)) {
        throw new RefusedException(Reason.OVER_BUDGET, "too many bytes in flight; try again later");
      }
      granted = bytesInAll;
    }
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
    grant(size);
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
