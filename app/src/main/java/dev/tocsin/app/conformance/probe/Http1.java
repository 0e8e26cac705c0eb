package dev.tocsin.app.conformance.probe;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One connection of HTTP/1.1, written by hand so that a request may be as wrong as it has to be.
 * One request at a time.
 */
final class Http1 {
  private static final int PIECE_BYTES = 64 << 10;
  private static final int CHUNK_BYTES = 7;
  private static final int CHUNK_BYTES_OF_LARGE = 32 << 10;

  private final NetSocket socket;
  private final ServerAddress origin;
  private final Http1Parser parser = new Http1Parser();
  private @Nullable Promise<Reply> waiting;
  private boolean closed;

  Http1(NetSocket socket, ServerAddress origin) {
    this.socket = socket;
    this.origin = origin;
    socket
        .handler(this::receive)
        .exceptionHandler(failure -> {})
        .closeHandler(
            gone -> {
              closed = true;
              settle();
            });
  }

  Future<Reply> exchange(Request request) {
    Promise<Reply> promise = Promise.promise();
    waiting = promise;
    if (closed) {
      settle();
      return promise.future();
    }
    byte[] head = head(request).getBytes(UTF_8);
    byte[] body = body(request);
    // What cannot be written any more shows in the answer, or in its absence.
    socket.write(Buffer.buffer(head)).compose(written -> write(body, 0)).onFailure(failure -> {});
    return promise.future();
  }

  void close() {
    socket.close().onFailure(failure -> {});
  }

  private Future<Void> write(byte[] body, int from) {
    if (from >= body.length || closed) {
      return Future.succeededFuture();
    }
    int length = Math.min(PIECE_BYTES, body.length - from);
    return socket
        .write(Buffer.buffer(length).appendBytes(body, from, length))
        .compose(written -> write(body, from + length));
  }

  private String head(Request request) {
    StringBuilder head = new StringBuilder(request.method()).append(' ').append(request.path());
    head.append(" HTTP/1.1\r\nhost: ").append(origin.authority()).append("\r\n");
    request
        .headers()
        .forEach(h -> head.append(h.name()).append(": ").append(h.value()).append("\r\n"));
    boolean bodiless = request.method().equals("GET") || request.method().equals("OPTIONS");
    switch (request.framing()) {
      case LENGTH -> {
        if (!bodiless) {
          head.append("content-length: ").append(request.body().length()).append("\r\n");
        }
      }
      case CHUNKED -> head.append("transfer-encoding: chunked\r\n");
      case AS_GIVEN -> {}
      case UNFINISHED_HEAD -> {
        return head.append("x-unfinished: ").toString();
      }
    }
    return head.append("\r\n").toString();
  }

  private static byte[] body(Request request) {
    if (request.framing() == Request.Framing.UNFINISHED_HEAD) {
      return new byte[0];
    }
    if (request.framing() != Request.Framing.CHUNKED) {
      return request.body().bytes();
    }
    byte[] plain = request.body().bytes();
    int size = plain.length > PIECE_BYTES ? CHUNK_BYTES_OF_LARGE : CHUNK_BYTES;
    Buffer chunks = Buffer.buffer();
    for (int at = 0; at < plain.length; at += size) {
      int length = Math.min(size, plain.length - at);
      chunks.appendString(Integer.toHexString(length) + "\r\n");
      chunks.appendBytes(plain, at, length).appendString("\r\n");
    }
    return chunks.appendString("0\r\n\r\n").getBytes();
  }

  private void receive(Buffer bytes) {
    try {
      parser.append(bytes);
    } catch (Http1Parser.MalformedAnswerException e) {
      complete(new NoAnswer(String.valueOf(e.getMessage()), false));
    }
    settle();
  }

  private void settle() {
    try {
      Optional<Answer> answer = parser.next(closed);
      if (answer.isPresent()) {
        complete(answer.get());
      } else if (closed) {
        complete(
            new NoAnswer(
                parser.isEmpty()
                    ? "the connection was closed without an answer"
                    : "the connection was closed in the middle of an answer",
                true));
      }
    } catch (Http1Parser.MalformedAnswerException e) {
      complete(new NoAnswer(String.valueOf(e.getMessage()), false));
    }
  }

  private void complete(Reply reply) {
    Promise<Reply> promise = waiting;
    waiting = null;
    if (promise != null) {
      promise.complete(reply);
    }
  }
}
