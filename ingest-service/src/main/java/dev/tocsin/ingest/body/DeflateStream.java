package dev.tocsin.ingest.body;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** One deflate stream after another, with or without the zlib wrapper (RFC 1951, RFC 1950). */
final class DeflateStream implements AutoCloseable {
  private final Inflater inflater;

  /**
   * @param raw without zlib's header and checksum
   */
  DeflateStream(boolean raw) {
    this.inflater = new Inflater(raw);
  }

  /** Inflates the stream that begins at the position; returns where it ends. */
  int inflate(byte[] body, int position, InflatedBody out) {
    inflater.reset();
    inflater.setInput(body, position, body.length - position);
    while (!inflater.finished()) {
      out.grow();
      if (out.room() == 0) {
        expectEnd(out);
      } else {
        out.advance(step(out.array(), out.length(), out));
      }
    }
    return body.length - inflater.getRemaining();
  }

  /** At the limit the stream may end, but one byte more is one too many. */
  private void expectEnd(InflatedBody out) {
    if (step(new byte[1], 0, out) > 0) {
      throw out.tooLarge();
    }
  }

  private int step(byte[] target, int from, InflatedBody out) {
    try {
      int count = inflater.inflate(target, from, target.length - from);
      if (count == 0 && !inflater.finished()) {
        throw out.damaged("it ends early");
      }
      return count;
    } catch (DataFormatException e) {
      throw out.damaged(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void close() {
    inflater.end();
  }
}
