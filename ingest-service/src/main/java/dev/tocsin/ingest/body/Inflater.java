package dev.tocsin.ingest.body;

import dev.tocsin.ingest.Reason;
import dev.tocsin.ingest.RefusedException;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;

/**
 * The one place where bodies are decompressed, for both transports: bounded in bytes and in ratio,
 * each block of memory granted before it is taken. Reuses its native state, so an instance belongs
 * to one thread at a time.
 */
public final class Inflater implements AutoCloseable {
  /** Small bodies may be as repetitive as they like. */
  private static final int RATIO_FREE_BYTES = 1 << 20;

  private static final int FIRST_BLOCK_BYTES = 8 << 10;
  private static final int TRAILER_BYTES = 8;

  private final int bytesMax;
  private final int ratioMax;
  private final java.util.zip.Inflater deflate = new java.util.zip.Inflater(true);
  private final CRC32 crc = new CRC32();

  /**
   * @param bytesMax of the inflated body
   * @param ratioMax of inflated to compressed size, for bodies over 1 MiB
   */
  public Inflater(int bytesMax, int ratioMax) {
    this.bytesMax = bytesMax;
    this.ratioMax = ratioMax;
  }

  /**
   * The body itself for {@link ContentEncoding#IDENTITY}, else what it inflates to.
   *
   * @throws RefusedException when it is damaged, passes a limit or is not granted the memory
   */
  public byte[] inflate(ContentEncoding encoding, byte[] body, Allowance allowance) {
    return switch (encoding) {
      case IDENTITY -> body;
      case GZIP -> gunzip(body, allowance);
    };
  }

  /** Frees the native state. */
  @Override
  public void close() {
    deflate.end();
  }

  private byte[] gunzip(byte[] body, Allowance allowance) {
    long limit = Math.min(bytesMax, Math.max(RATIO_FREE_BYTES, (long) ratioMax * body.length));
    byte[] out = take(allowance, new byte[0], firstBlock(body, limit));
    int length = 0;
    int position = 0;
    // A gzip body may consist of several members, one after another.
    do {
      position = skipHeader(body, position);
      deflate.reset();
      deflate.setInput(body, position, body.length - position);
      int memberStart = length;
      while (!deflate.finished()) {
        if (length == out.length) {
          out = grow(out, limit, allowance, body.length);
        }
        length += step(out, length);
      }
      position = body.length - deflate.getRemaining();
      verifyTrailer(body, position, out, memberStart, length);
      position += TRAILER_BYTES;
    } while (position < body.length);
    return length == out.length ? out : Arrays.copyOf(out, length);
  }

  /** The size the last member claims, where it may be true; a false claim only costs copying. */
  private static int firstBlock(byte[] body, long limit) {
    if (body.length < 18) {
      throw damaged("it is only " + body.length + " bytes long");
    }
    long claimed = littleEndian(body, body.length - 4);
    long plausible = Math.min(claimed, 16L * body.length);
    return (int) Math.min(limit, Math.max(plausible, Math.min(FIRST_BLOCK_BYTES, limit)));
  }

  private int step(byte[] out, int length) {
    try {
      int count = deflate.inflate(out, length, out.length - length);
      if (count == 0
          && !deflate.finished()
          && (deflate.needsInput() || deflate.needsDictionary())) {
        throw damaged("it ends early");
      }
      return count;
    } catch (DataFormatException e) {
      throw damaged(String.valueOf(e.getMessage()));
    }
  }

  private byte[] grow(byte[] out, long limit, Allowance allowance, int compressed) {
    if (out.length >= limit) {
      // The stream may end exactly here: only one byte more is one too many.
      if (endsNow()) {
        return out;
      }
      throw new RefusedException(
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
    int larger = (int) Math.min(limit, out.length * 2L);
    return take(allowance, out, larger);
  }

  private boolean endsNow() {
    try {
      return deflate.inflate(new byte[1]) == 0 && deflate.finished();
    } catch (DataFormatException e) {
      throw damaged(String.valueOf(e.getMessage()));
    }
  }

  private static byte[] take(Allowance allowance, byte[] old, int bytes) {
    if (!allowance.grow(bytes - old.length)) {
      throw new RefusedException(
          Reason.OVER_BUDGET, "too many bytes in flight to inflate a body; try again later");
    }
    return Arrays.copyOf(old, bytes);
  }

  private void verifyTrailer(byte[] body, int position, byte[] out, int start, int end) {
    if (body.length - position < TRAILER_BYTES) {
      throw damaged("its trailer is missing");
    }
    crc.reset();
    crc.update(out, start, end - start);
    if (crc.getValue() != littleEndian(body, position)
        || (end - start) != (int) littleEndian(body, position + 4)) {
      throw damaged("its checksum does not match");
    }
  }

  /** Returns where the deflate stream of the member at the position begins (RFC 1952). */
  private static int skipHeader(byte[] body, int start) {
    if (body.length - start < 18
        || (body[start] & 0xff) != 0x1f
        || (body[start + 1] & 0xff) != 0x8b
        || body[start + 2] != 8) {
      throw damaged("at byte " + start + " is no gzip member");
    }
    int flags = body[start + 3];
    int position = start + 10;
    if ((flags & 0x04) != 0) {
      position += 2 + at(body, position) + (at(body, position + 1) << 8);
    }
    if ((flags & 0x08) != 0) {
      position = skipText(body, position);
    }
    if ((flags & 0x10) != 0) {
      position = skipText(body, position);
    }
    if ((flags & 0x02) != 0) {
      position += 2;
    }
    if (position >= body.length) {
      throw damaged("its header does not end");
    }
    return position;
  }

  private static int skipText(byte[] body, int start) {
    int position = start;
    while (at(body, position) != 0) {
      position++;
    }
    return position + 1;
  }

  private static int at(byte[] body, int position) {
    if (position >= body.length) {
      throw damaged("its header does not end");
    }
    return body[position] & 0xff;
  }

  private static long littleEndian(byte[] bytes, int position) {
    return (bytes[position] & 0xffL)
        | (bytes[position + 1] & 0xffL) << 8
        | (bytes[position + 2] & 0xffL) << 16
        | (bytes[position + 3] & 0xffL) << 24;
  }

  private static RefusedException damaged(String how) {
    return new RefusedException(Reason.MALFORMED, "body: not valid gzip, " + how);
  }
}
