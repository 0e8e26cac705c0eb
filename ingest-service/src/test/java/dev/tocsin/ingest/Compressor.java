package dev.tocsin.ingest;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.xerial.snappy.Snappy;
import org.xerial.snappy.SnappyFramedOutputStream;

/** How clients compress, with the names of HTTP and gRPC. */
enum Compressor {
  IDENTITY("identity"),
  GZIP("gzip"),
  ZSTD("zstd"),
  DEFLATE("deflate"),
  SNAPPY_BLOCK("snappy"),
  SNAPPY_FRAMED("snappy");

  private final String label;

  Compressor(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }

  byte[] compress(byte[] plain) {
    try {
      if (this == SNAPPY_BLOCK) {
        return Snappy.compress(plain);
      }
      var out = new ByteArrayOutputStream();
      try (OutputStream compressing = stream(out)) {
        compressing.write(plain);
      }
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private OutputStream stream(OutputStream out) throws IOException {
    return switch (this) {
      case GZIP -> new GZIPOutputStream(out);
      case ZSTD -> new ZstdOutputStream(out);
      case DEFLATE -> new DeflaterOutputStream(out);
      case SNAPPY_FRAMED -> new SnappyFramedOutputStream(out);
      default -> out;
    };
  }
}
