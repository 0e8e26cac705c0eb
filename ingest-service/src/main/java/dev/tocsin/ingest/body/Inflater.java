package dev.tocsin.ingest.body;

import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import java.util.EnumMap;
import java.util.Map;

/**
 * The one place where bodies are decompressed, for both transports: bounded in bytes and in ratio,
 * each block of memory granted before it is taken. Reuses its native state, so an instance belongs
 * to one thread at a time.
 */
public final class Inflater implements AutoCloseable {
  private final int bytesMax;
  private final int ratioMax;
  private final Map<ContentEncoding, Codec> codecs = new EnumMap<>(ContentEncoding.class);

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
    if (encoding == ContentEncoding.IDENTITY) {
      return body;
    }
    InflatedBody out =
        new InflatedBody(encoding.label(), bytesMax, ratioMax, body.length, allowance);
    try {
      codecs.computeIfAbsent(encoding, Inflater::codec).inflate(body, out);
    } catch (LinkageError e) {
      // zstd and snappy are native; a machine may lack them, or forbid to load them.
      throw new RefusedException(
          Reason.UNSUPPORTED_ENCODING,
          encoding.label() + ": its native library cannot be loaded here; use gzip");
    } finally {
      out.giveBackAside();
    }
    return out.toBytes();
  }

  private static Codec codec(ContentEncoding encoding) {
    return switch (encoding) {
      case GZIP -> new GzipCodec();
      case ZSTD -> new ZstdCodec();
      case DEFLATE -> new DeflateCodec();
      case SNAPPY -> new SnappyCodec();
      case IDENTITY -> throw new IllegalArgumentException("identity needs no codec");
    };
  }

  /** Frees the native state. */
  @Override
  public void close() {
    codecs.values().forEach(Codec::close);
    codecs.clear();
  }
}
