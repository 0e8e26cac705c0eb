package dev.tocsin.ingest.body;

/** HTTP's and gRPC's "deflate": zlib (RFC 1950), but some clients send it without the wrapper. */
final class DeflateCodec implements Codec {
  private final DeflateStream wrapped = new DeflateStream(false);
  private final DeflateStream raw = new DeflateStream(true);

  @Override
  public void inflate(byte[] body, InflatedBody out) {
    DeflateStream stream = isWrapped(body) ? wrapped : raw;
    if (stream.inflate(body, 0, out) != body.length) {
      throw out.damaged("bytes follow its end");
    }
  }

  /**
   * A raw stream cannot look like this: its first block would have an impossible type or length.
   */
  private static boolean isWrapped(byte[] body) {
    return body.length >= 2
        && (body[0] & 0x0f) == 8
        && ((body[0] & 0xff) << 8 | (body[1] & 0xff)) % 31 == 0;
  }

  @Override
  public void close() {
    wrapped.close();
    raw.close();
  }
}
