package dev.tocsin.console.proxy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;

/** Reads answers without trusting their size. */
final class Bodies {
  private Bodies() {}

  /** Fails, and resets the exchange, when more than that comes. */
  static Future<Buffer> read(HttpClientResponse response, long bytesMax) {
    Promise<Buffer> whole = Promise.promise();
    Buffer collected = Buffer.buffer();
    response
        .exceptionHandler(whole::tryFail)
        .handler(
            chunk -> {
              if (collected.length() + chunk.length() > bytesMax) {
                whole.tryFail("an answer longer than " + bytesMax + " bytes");
                var unused = response.request().reset();
              } else {
                collected.appendBuffer(chunk);
              }
            })
        .endHandler(end -> whole.tryComplete(collected));
    return whole.future();
  }
}
