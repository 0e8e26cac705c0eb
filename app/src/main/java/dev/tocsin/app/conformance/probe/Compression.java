package dev.tocsin.app.conformance.probe;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/** How a body may be compressed. */
public enum Compression {
  GZIP("gzip", "gzip -c"),
  ZSTD("zstd", "zstd -c"),
  /** As HTTP means it: in the frame of zlib. */
  DEFLATE("deflate", "zlib-flate -compress"),
  /** The block format. */
  SNAPPY("snappy", "");

  private static final int BUFFER_BYTES = 64 << 10;

  private final String encoding;
  private final String command;

  Compression(String encoding, String command) {
    this.encoding = encoding;
    this.command = command;
  }

  /** For {@code Content-Encoding} and {@code grpc-encoding}. */
  public String encoding() {
    return encoding;
  }

  /** A filter for the shell; empty when none is common. */
  String command() {
    return command;
  }

  /**
   * @param length of all that will be written
   */
  OutputStream over(OutputStream out, long length) throws IOException {
    return switch (this) {
      case GZIP -> new GZIPOutputStream(out, BUFFER_BYTES);
      case ZSTD -> new ZstdOutputStream(out);
      case DEFLATE ->
          new DeflaterOutputStream(out, new Deflater(Deflater.DEFAULT_COMPRESSION), BUFFER_BYTES);
      case SNAPPY -> new SnappyBlock(out, length);
    };
  }

  /** Refers back to what was written just before, when it is the same array; else writes it out. */
  private static final class SnappyBlock extends OutputStream {
    private static final int LITERAL_WITH_TWO_BYTES = 61 << 2;
    private static final int COPY_WITH_TWO_BYTES = 2;
    private static final int LITERAL_MAX = 1 << 16;
    private static final int COPY_MAX = 64;

    private final OutputStream out;
    private byte[] before = new byte[0];

    SnappyBlock(OutputStream out, long length) throws IOException {
      this.out = out;
      long left = length;
      while (left > 0x7f) {
        out.write((int) ((left & 0x7f) | 0x80));
        left >>>= 7;
      }
      out.write((int) left);
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      boolean same = bytes == before && length == bytes.length && length < LITERAL_MAX;
      int step = same ? COPY_MAX : LITERAL_MAX;
      for (int at = from; at < from + length; at += step) {
        int part = Math.min(step, from + length - at);
        if (same) {
          writeTagged((part - 1) << 2 | COPY_WITH_TWO_BYTES, length);
        } else {
          writeTagged(LITERAL_WITH_TWO_BYTES, part - 1);
          out.write(bytes, at, part);
        }
      }
      before = bytes;
    }

    private void writeTagged(int tag, int number) throws IOException {
      out.write(tag);
      out.write(number);
      out.write(number >>> 8);
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
