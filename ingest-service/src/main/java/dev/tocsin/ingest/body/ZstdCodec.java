package dev.tocsin.ingest.body;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;

/**
 * Zstandard (RFC 8878), frame after frame. A frame that declares its size is inflated in one go
 * after that size was checked; one that does not is inflated as a stream, whose window is bounded
 * and asked for like all memory.
 */
final class ZstdCodec implements Codec {
  /** What RFC 8878 recommends every decoder to support, and web servers allow at most. */
  private static final int WINDOW_LOG_MAX = 23;

  private static final int MAGIC = 0xFD2FB528;
  private static final int SKIPPABLE_MAGIC = 0x184D2A50;
  private static final int SKIPPABLE_HEADER_BYTES = 8;
  private static final int BLOCK_BYTES_MAX = 128 << 10;
  private static final long SIZE_UNKNOWN = -1;

  private final ZstdDecompressCtx context = new ZstdDecompressCtx();
  private long windowTaken;

  @Override
  public void inflate(byte[] body, InflatedBody out) {
    windowTaken = 0;
    int position = 0;
    do {
      if (body.length - position < 5) {
        throw out.damaged("it ends early");
      }
      int magic = (int) LittleEndian.unsignedInt(body, position);
      if ((magic & 0xFFFFFFF0) == SKIPPABLE_MAGIC) {
        position = skip(body, position, out);
      } else if (magic == MAGIC) {
        position = inflateFrame(body, position, out);
      } else {
        throw out.damaged("at byte " + position + " is no zstd frame");
      }
    } while (position < body.length);
  }

  private static int skip(byte[] body, int position, InflatedBody out) {
    int left = body.length - position - SKIPPABLE_HEADER_BYTES;
    if (left < 0 || LittleEndian.unsignedInt(body, position + 4) > left) {
      throw out.damaged("it ends early");
    }
    return body.length - left + (int) LittleEndian.unsignedInt(body, position + 4);
  }

  private int inflateFrame(byte[] body, int position, InflatedBody out) {
    try {
      long size = Zstd.getFrameContentSize(body, position, body.length - position);
      long found = Zstd.findFrameCompressedSize(body, position, body.length - position);
      if (size < SIZE_UNKNOWN || Zstd.isError(found)) {
        throw out.damaged("the frame at byte " + position + " is broken or cut");
      }
      int length = (int) found;
      if (size == SIZE_UNKNOWN) {
        inflateStream(ByteBuffer.wrap(body, position, length), out);
      } else {
        out.require(size);
        int written =
            context.decompressByteArray(
                out.array(), out.length(), (int) size, body, position, length);
        out.advance(written);
      }
      return position + length;
    } catch (ZstdException e) {
      throw out.damaged(String.valueOf(e.getMessage()));
    }
  }

  private void inflateStream(ByteBuffer frame, InflatedBody out) {
    takeWindow(frame, out);
    // A body refused half-way has left its frame open.
    context.reset();
    context.setLongMax(WINDOW_LOG_MAX);
    boolean ended = false;
    while (!ended) {
      out.grow();
      boolean atLimit = out.room() == 0;
      ByteBuffer target =
          atLimit ? ByteBuffer.allocate(1) : ByteBuffer.wrap(out.array(), out.length(), out.room());
      int before = target.position();
      int inputBefore = frame.position();
      ended = context.decompressByteBufferStream(target, frame);
      int written = target.position() - before;
      if (written > 0 && atLimit) {
        throw out.tooLarge();
      }
      out.advance(written);
      if (!ended && written == 0 && frame.position() == inputBefore) {
        throw out.damaged("it ends early");
      }
    }
  }

  /** One window serves all frames of a body. A frame without its size has a window descriptor. */
  private void takeWindow(ByteBuffer frame, InflatedBody out) {
    int descriptor = frame.get(frame.position() + 5) & 0xff;
    long base = 1L << (10 + (descriptor >>> 3));
    long window = base + (base >> 3) * (descriptor & 7);
    if (window > 1L << WINDOW_LOG_MAX) {
      throw out.damaged(
          "its window is " + window + " bytes (expected: at most " + (1 << WINDOW_LOG_MAX) + ")");
    }
    long buffers = window + 2 * BLOCK_BYTES_MAX;
    if (buffers > windowTaken) {
      out.takeAside(buffers - windowTaken);
      windowTaken = buffers;
    }
  }

  @Override
  public void close() {
    context.close();
  }
}
