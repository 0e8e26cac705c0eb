package dev.tocsin.app.conformance.probe;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads answers of HTTP/1.1, one after the other. Interim answers (100 Continue) are stepped over.
 */
final class Http1Parser {
  private static final String HEAD_END = "\r\n\r\n";

  /** Twice what OTLP recommends as the most that a response may have. */
  private static final int SIZE_MAX = 8 << 20;

  private Buffer seen = Buffer.buffer();

  void append(Buffer more) throws MalformedAnswerException {
    seen.appendBuffer(more);
    if (seen.length() > SIZE_MAX) {
      throw new MalformedAnswerException("an answer of more than 8 MiB");
    }
  }

  boolean isEmpty() {
    return seen.length() == 0;
  }

  /**
   * The next answer if it is all there.
   *
   * @param closed whether nothing more will come
   */
  Optional<Answer> next(boolean closed) throws MalformedAnswerException {
    while (true) {
      String text = seen.toString(ISO_8859_1);
      int headEnd = text.indexOf(HEAD_END);
      if (headEnd < 0) {
        return Optional.empty();
      }
      String[] lines = text.substring(0, headEnd).split("\r\n");
      int status = status(lines[0]);
      int bodyStart = headEnd + HEAD_END.length();
      if (status >= 100 && status < 200) {
        seen = Buffer.buffer(seen.getBytes(bodyStart, seen.length()));
        continue;
      }
      MultiMap headers = headers(lines);
      return body(status, headers, text, bodyStart, closed);
    }
  }

  private Optional<Answer> body(
      int status, MultiMap headers, String text, int start, boolean closed)
      throws MalformedAnswerException {
    String coding = headers.get("transfer-encoding");
    String length = headers.get("content-length");
    if (coding != null && coding.equalsIgnoreCase("chunked")) {
      return chunked(status, headers, text, start);
    }
    if (status == 204 || status == 304) {
      return Optional.of(take(status, headers, start, start));
    }
    if (length != null) {
      int end = start + number(length, 10, "content-length");
      return seen.length() < end
          ? Optional.empty()
          : Optional.of(take(status, headers, start, end));
    }
    return closed ? Optional.of(take(status, headers, start, seen.length())) : Optional.empty();
  }

  private Optional<Answer> chunked(int status, MultiMap headers, String text, int start)
      throws MalformedAnswerException {
    Buffer body = Buffer.buffer();
    int at = start;
    while (true) {
      int lineEnd = text.indexOf("\r\n", at);
      if (lineEnd < 0) {
        return Optional.empty();
      }
      int size = number(text.substring(at, lineEnd).split(";", 2)[0], 16, "chunk size");
      int end = lineEnd + 2 + size + 2;
      if (end > seen.length()) {
        return Optional.empty();
      }
      if (size == 0) {
        drop(end);
        return Optional.of(answer(status, headers, body.getBytes()));
      }
      body.appendBytes(seen.getBytes(lineEnd + 2, lineEnd + 2 + size));
      at = end;
    }
  }

  private Answer take(int status, MultiMap headers, int start, int end) {
    byte[] body = seen.getBytes(start, end);
    drop(end);
    return answer(status, headers, body);
  }

  private void drop(int end) {
    seen = Buffer.buffer(seen.getBytes(end, seen.length()));
  }

  private static Answer answer(int status, MultiMap headers, byte[] body) {
    return new Answer(status, headers, body, MultiMap.caseInsensitiveMultiMap());
  }

  private static int status(String line) throws MalformedAnswerException {
    if (!line.matches("HTTP/1\\.[01] [1-5][0-9]{2}( .*)?")) {
      throw new MalformedAnswerException("what came is no HTTP/1.1: " + Curl.cut(line));
    }
    return Integer.parseInt(line.substring(9, 12));
  }

  private static MultiMap headers(String[] lines) throws MalformedAnswerException {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      if (colon < 1) {
        throw new MalformedAnswerException("no header: " + Curl.cut(lines[i]));
      }
      headers.add(lines[i].substring(0, colon), lines[i].substring(colon + 1).strip());
    }
    return headers;
  }

  private static int number(@Nullable String text, int radix, String what)
      throws MalformedAnswerException {
    try {
      int value = Integer.parseInt(String.valueOf(text).strip(), radix);
      if (value >= 0 && value <= SIZE_MAX) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw new MalformedAnswerException(what + " of the answer: " + text);
  }

  /** What came is not an answer of HTTP/1.1. */
  static final class MalformedAnswerException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedAnswerException(String message) {
      super(message);
    }
  }
}
