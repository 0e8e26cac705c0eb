package dev.tocsin.ingest.body;

import java.util.zip.CRC32;

/** gzip (RFC 1952); a body may consist of several members, one after another. */
final class GzipCodec implements Codec {
  private static final int MEMBER_BYTES_MIN = 18;
  private static final int TRAILER_BYTES = 8;

  private final DeflateStream deflate = new DeflateStream(true);
  private final CRC32 crc = new CRC32();

  @Override
  public void inflate(byte[] body, InflatedBody out) {
    if (body.length < MEMBER_BYTES_MIN) {
      throw out.damaged("it is only " + body.length + " bytes long");
    }
    out.expect(LittleEndian.unsignedInt(body, body.length - 4));
    int position = 0;
    do {
      int start = out.length();
      position = deflate.inflate(body, skipHeader(body, position, out), out);
      verifyTrailer(body, position, out, start);
      position += TRAILER_BYTES;
    } while (position < body.length);
  }

  private void verifyTrailer(byte[] body, int position, InflatedBody out, int start) {
    if (body.length - position < TRAILER_BYTES) {
      throw out.damaged("its trailer is missing");
    }
    int length = out.length() - start;
    crc.reset();
    crc.update(out.array(), start, length);
    if (crc.getValue() != LittleEndian.unsignedInt(body, position)
        || length != (int) LittleEndian.unsignedInt(body, position + 4)) {
      throw out.damaged("its checksum does not match");
    }
  }

  /** Returns where the deflate stream of the member at the position begins. */
  private static int skipHeader(byte[] body, int start, InflatedBody out) {
    if (body.length - start < MEMBER_BYTES_MIN
        || (body[start] & 0xff) != 0x1f
        || (body[start + 1] & 0xff) != 0x8b
        || body[start + 2] != 8) {
      throw out.damaged("at byte " + start + " is no gzip member");
    }
    int flags = body[start + 3];
    int position = start + 10;
    if ((flags & 0x04) != 0) {
      position += 2 + at(body, position, out) + (at(body, position + 1, out) << 8);
    }
    if ((flags & 0x08) != 0) {
      position = skipText(body, position, out);
    }
    if ((flags & 0x10) != 0) {
      position = skipText(body, position, out);
    }
    if ((flags & 0x02) != 0) {
      position += 2;
    }
    if (position >= body.length) {
      throw out.damaged("its header does not end");
    }
    return position;
  }

  private static int skipText(byte[] body, int start, InflatedBody out) {
    int position = start;
    while (at(body, position, out) != 0) {
      position++;
    }
    return position + 1;
  }

  private static int at(byte[] body, int position, InflatedBody out) {
    if (position >= body.length) {
      throw out.damaged("its header does not end");
    }
    return body[position] & 0xff;
  }

  @Override
  public void close() {
    deflate.close();
  }
}
