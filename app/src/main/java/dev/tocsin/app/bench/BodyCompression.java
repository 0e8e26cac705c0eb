package dev.tocsin.app.bench;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;

/** What is done to a body before it is sent; gzip and zstd at the levels exporters use. */
enum BodyCompression {
  NONE,
  GZIP,
  ZSTD;

  private static final int ZSTD_LEVEL = 3;

  /** As in {@code grpc-encoding} and {@code content-encoding}. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  byte[] compress(byte[] body) {
    return switch (this) {
      case NONE -> body;
      case GZIP -> gzip(body);
      case ZSTD -> Zstd.compress(body, ZSTD_LEVEL);
    };
  }

  private static byte[] gzip(byte[] body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length / 4);
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes, 8 << 10)) {
      gzip.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot happen in memory", e);
    }
    return bytes.toByteArray();
  }

  @Override
  public String toString() {
    return label();
  }
}
