package dev.tocsin.ingest.grpc;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import io.vertx.core.buffer.Buffer;
import java.util.Base64;

/**
 * Decodes the base64 of a gRPC-Web-Text body as it comes. Each frame may have been encoded on its
 * own, so padding may be anywhere; groups of four characters are complete in themselves.
 */
final class WebText {
  private static final int GROUP = 4;

  private String rest = "";

  /**
   * @throws RefusedException when it is no base64
   */
  Buffer decode(Buffer chunk) {
    String text = rest + chunk.toString(US_ASCII);
    int whole = text.length() - text.length() % GROUP;
    rest = text.substring(whole);
    Buffer decoded = Buffer.buffer(whole);
    int start = 0;
    while (start < whole) {
      int padding = text.indexOf('=', start);
      int end = padding < 0 || padding >= whole ? whole : padding - padding % GROUP + GROUP;
      try {
        decoded.appendBytes(Base64.getDecoder().decode(text.substring(start, end)));
      } catch (IllegalArgumentException e) {
        throw new RefusedException(Reason.MALFORMED, "grpc-web-text: " + e.getMessage());
      }
      start = end;
    }
    return decoded;
  }

  /**
   * The body has ended.
   *
   * @throws RefusedException when it ends too early
   */
  void end() {
    if (!rest.isEmpty()) {
      throw new RefusedException(
          Reason.MALFORMED, "grpc-web-text: base64 ends within a group of four characters");
    }
  }
}
