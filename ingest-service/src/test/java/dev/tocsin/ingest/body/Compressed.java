package dev.tocsin.ingest.body;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.xerial.snappy.Snappy;
import org.xerial.snappy.SnappyFramedOutputStream;

/** Every form of compressed body that is accepted, as other libraries write it. */
public enum Compressed {
  GZIP(ContentEncoding.GZIP),
  DEFLATE(ContentEncoding.DEFLATE),
  DEFLATE_RAW(ContentEncoding.DEFLATE),
  ZSTD_WITH_SIZE(ContentEncoding.ZSTD),
  ZSTD_STREAM(ContentEncoding.ZSTD),
  SNAPPY_BLOCK(ContentEncoding.SNAPPY),
  SNAPPY_FRAMED(ContentEncoding.SNAPPY);

  private final ContentEncoding encoding;

  Compressed(ContentEncoding encoding) {
    this.encoding = encoding;
  }

  public ContentEncoding encoding() {
    return encoding;
  }

  /** Whether it says where it ends, so that a cut is noticed wherever it is. */
  boolean hasEnd() {
    return this != SNAPPY_FRAMED;
  }

  public byte[] of(byte[] plain) {
    try {
      return switch (this) {
        case ZSTD_WITH_SIZE -> Zstd.compress(plain);
        case SNAPPY_BLOCK -> Snappy.compress(plain);
        default -> {
          ByteArrayOutputStream out = new ByteArrayOutputStream();
          try (OutputStream stream = stream(out)) {
            stream.write(plain);
          }
          yield out.toByteArray();
        }
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private OutputStream stream(OutputStream out) throws IOException {
    return switch (this) {
      case GZIP -> new GZIPOutputStream(out);
      case DEFLATE -> new DeflaterOutputStream(out);
      case DEFLATE_RAW ->
          new DeflaterOutputStream(out, new Deflater(Deflater.DEFAULT_COMPRESSION, true));
      case ZSTD_STREAM -> new ZstdOutputStream(out);
      case SNAPPY_FRAMED -> new SnappyFramedOutputStream(out);
      default -> throw new IllegalStateException(this + " is no stream");
    };
  }
}
