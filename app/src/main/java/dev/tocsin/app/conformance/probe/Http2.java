package dev.tocsin.app.conformance.probe;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.StreamResetException;

/** One connection of HTTP/2; as many requests at a time as the receiver lets. */
final class Http2 {
  private static final int PIECE_BYTES = 16 << 10;
  private static final int SMALL_PIECE_BYTES = 3;

  private final HttpClientConnection connection;
  private final ServerAddress origin;

  Http2(HttpClientConnection connection, ServerAddress origin) {
    this.connection = connection;
    this.origin = origin;
  }

  Future<Reply> exchange(Request request) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.valueOf(request.method()))
            .setHost(origin.host())
            .setPort(origin.port())
            .setURI(request.path());
    return connection
        .request(options)
        .compose(
            stream -> {
              // Without a length: a body in pieces needs none in HTTP/2.
              stream.setChunked(true);
              request.headers().forEach(h -> stream.headers().add(h.name(), h.value()));
              Future<HttpClientResponse> response = stream.response();
              // What cannot be written any more shows in the answer, or in its absence.
              write(stream, request, 0).onFailure(failure -> {});
              return response;
            })
        .compose(Http2::whole)
        .recover(failure -> Future.succeededFuture(new NoAnswer(words(failure), true)));
  }

  void close() {
    connection.close().onFailure(failure -> {});
  }

  private static Future<Void> write(HttpClientRequest stream, Request request, int from) {
    byte[] body = request.body().bytes();
    boolean small = request.framing() == Request.Framing.CHUNKED && body.length < PIECE_BYTES;
    int length = Math.min(small ? SMALL_PIECE_BYTES : PIECE_BYTES, body.length - from);
    if (request.framing() == Request.Framing.LENGTH && from + length >= body.length) {
      return stream.end(Buffer.buffer(length).appendBytes(body, from, length));
    }
    if (length <= 0) {
      if (request.framing() != Request.Framing.AS_GIVEN) {
        return stream.end();
      }
      return from == 0 ? stream.sendHead() : Future.succeededFuture();
    }
    return stream
        .write(Buffer.buffer(length).appendBytes(body, from, length))
        .compose(written -> write(stream, request, from + length));
  }

  private static Future<Reply> whole(HttpClientResponse response) {
    return response
        .body()
        .map(
            body ->
                new Answer(
                    response.statusCode(),
                    copy(response.headers()),
                    body.getBytes(),
                    copy(response.trailers())));
  }

  private static MultiMap copy(MultiMap map) {
    return MultiMap.caseInsensitiveMultiMap().addAll(map);
  }

  private static String words(Throwable failure) {
    return failure instanceof StreamResetException reset
        ? "the stream was reset without an answer, code " + reset.getCode()
        : "the connection was closed without an answer (" + failure.getMessage() + ")";
  }
}
