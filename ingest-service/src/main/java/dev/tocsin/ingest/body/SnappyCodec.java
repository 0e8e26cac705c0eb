package dev.tocsin.ingest.body;

import java.io.IOException;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.xerial.snappy.Snappy;
import org.xerial.snappy.SnappyError;

/**
 * Snappy in both of its forms, told apart by the stream identifier: a framed stream (gRPC's snappy,
 * and what an OpenTelemetry Collector sends over HTTP) or a single block. The length that a block
 * declares is checked before any memory is taken for it.
 */
final class SnappyCodec implements Codec {
  private static final byte[] STREAM_IDENTIFIER = {
    (byte) 0xff, 6, 0, 0, 's', 'N', 'a', 'P', 'p', 'Y'
  };
  private static final int CHUNK_HEADER_BYTES = 4;
  private static final int CHECKSUM_BYTES = 4;
  private static final int CHUNK_INFLATED_BYTES_MAX = 1 << 16;
  private static final int COMPRESSED_CHUNK = 0x00;
  private static final int PLAIN_CHUNK = 0x01;
  private static final int FIRST_SKIPPABLE_CHUNK = 0x80;
  private static final int IDENTIFIER_CHUNK = 0xff;
  private static final int CHECKSUM_MASK = 0xa282ead8;

  private final CRC32C crc = new CRC32C();

  @Override
  public void inflate(byte[] body, InflatedBody out) {
    if (isStream(body, 0)) {
      inflateStream(body, out);
    } else {
      inflateBlock(body, 0, body.length, Integer.MAX_VALUE, out);
    }
  }

  private static boolean isStream(byte[] body, int at) {
    int end = at + STREAM_IDENTIFIER.length;
    return body.length >= end
        && Arrays.equals(body, at, end, STREAM_IDENTIFIER, 0, STREAM_IDENTIFIER.length);
  }

  private void inflateStream(byte[] body, InflatedBody out) {
    int position = 0;
    while (position < body.length) {
      if (body.length - position < CHUNK_HEADER_BYTES) {
        throw out.damaged("it ends early");
      }
      int type = body[position] & 0xff;
      int start = position + CHUNK_HEADER_BYTES;
      int length = LittleEndian.unsigned24(body, position + 1);
      if (length > body.length - start) {
        throw out.damaged("it ends early");
      }
      if (type == COMPRESSED_CHUNK || type == PLAIN_CHUNK) {
        inflateChunk(body, start, length, type == COMPRESSED_CHUNK, out);
      } else if (type < FIRST_SKIPPABLE_CHUNK
          || (type == IDENTIFIER_CHUNK && !isStream(body, position))) {
        throw out.damaged("chunk of type " + type + " at byte " + position);
      }
      position = start + length;
    }
  }

  private void inflateChunk(
      byte[] body, int start, int length, boolean compressed, InflatedBody out) {
    if (length < CHECKSUM_BYTES) {
      throw out.damaged("a chunk of " + length + " bytes");
    }
    int from = start + CHECKSUM_BYTES;
    int count = length - CHECKSUM_BYTES;
    int before = out.length();
    if (compressed) {
      inflateBlock(body, from, count, CHUNK_INFLATED_BYTES_MAX, out);
    } else {
      makeRoom(count, CHUNK_INFLATED_BYTES_MAX, out);
      System.arraycopy(body, from, out.array(), before, count);
      out.advance(count);
    }
    crc.reset();
    crc.update(out.array(), before, out.length() - before);
    int masked = Integer.rotateRight((int) crc.getValue(), 15) + CHECKSUM_MASK;
    if (masked != (int) LittleEndian.unsignedInt(body, start)) {
      throw out.damaged("its checksum does not match");
    }
  }

  private static void inflateBlock(byte[] body, int from, int count, int max, InflatedBody out) {
    try {
      int declared = Snappy.uncompressedLength(body, from, count);
      makeRoom(declared, max, out);
      int written = Snappy.uncompress(body, from, count, out.array(), out.length());
      out.advance(written);
    } catch (IOException | SnappyError e) {
      throw out.damaged(String.valueOf(e.getMessage()));
    }
  }

  private static void makeRoom(int declared, int max, InflatedBody out) {
    if (declared > max) {
      throw out.damaged("a chunk of " + declared + " bytes (expected: at most " + max + ")");
    }
    out.require(declared);
  }

  @Override
  public void close() {}
}
