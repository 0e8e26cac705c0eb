package dev.tocsin.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Map;

/** HTTP/2 as bytes (RFC 9113), for clients that no library would be. */
final class Http2Frames {
  static final int PING = 6;
  static final int GOAWAY = 7;

  /** What a client begins with: the preface and SETTINGS with nothing in them. */
  static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0".getBytes(UTF_8);

  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int CONTINUATION = 9;
  private static final int END_HEADERS = 4;
  private static final int END_STREAM = 1;

  private Http2Frames() {}

  /** Headers of a gRPC export that is not over with them. */
  static byte[] headersOfExport(int stream) {
    return headersOfPost(stream, "/" + GrpcClient.TRACES, "application/grpc");
  }

  /** Headers of a POST that is not over with them. */
  static byte[] headersOfPost(int stream, String path, String contentType) {
    return frame(HEADERS, END_HEADERS, stream, block(path, contentType));
  }

  /** Headers that are said to go on, for ever. */
  static byte[] headersWithoutEnd(int stream) {
    return frame(HEADERS, 0, stream, block("/" + GrpcClient.TRACES, "application/grpc"));
  }

  static byte[] continuation(int stream) {
    return frame(CONTINUATION, 0, stream, new byte[0]);
  }

  static byte[] ping() {
    return frame(PING, 0, 0, new byte[8]);
  }

  static byte[] reset(int stream) {
    return frame(3, 0, stream, new byte[] {0, 0, 0, 8});
  }

  /** The first bytes of a gRPC message of that length. */
  static byte[] messageOf(int length) {
    return ByteBuffer.allocate(5).put((byte) 0).putInt(length).array();
  }

  /** The bytes, padded with zeros to a whole frame. */
  static byte[] data(int stream, byte[] first, int length) {
    return frame(DATA, 0, stream, ByteBuffer.allocate(length).put(first).array());
  }

  /** A whole body, or the rest of one. */
  static byte[] lastData(int stream, byte[] bytes) {
    return frame(DATA, END_STREAM, stream, bytes);
  }

  /** The payload of the next frame of that type; others are passed over. */
  static byte[] awaitFrame(InputStream in, int type) throws IOException {
    while (true) {
      byte[] head = in.readNBytes(9);
      if (head.length < 9) {
        throw new AssertionError("closed before a frame of type " + type + " came");
      }
      int length = ByteBuffer.wrap(head).getInt() >>> 8;
      byte[] payload = in.readNBytes(length);
      if (head[3] == type) {
        return payload;
      }
    }
  }

  private static byte[] frame(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) (payload.length >> 16))
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  /**
   * HPACK, every field as a literal without indexing and without Huffman coding (RFC 7541, 6.2.2).
   */
  private static byte[] block(String path, String contentType) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    literal(out, ":method", "POST");
    literal(out, ":scheme", "http");
    literal(out, ":path", path);
    literal(out, ":authority", "localhost");
    Map.of("content-type", contentType, "te", "trailers")
        .forEach((name, value) -> literal(out, name, value));
    return out.toByteArray();
  }

  private static void literal(ByteArrayOutputStream out, String name, String value) {
    out.write(0);
    string(out, name);
    string(out, value);
  }

  private static void string(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    if (bytes.length > 126) {
      throw new IllegalArgumentException(text + " is too long for this little encoder");
    }
    out.write(bytes.length);
    out.writeBytes(bytes);
  }
}
