package dev.tocsin.app.bench;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/** Sends requests to the receiver over one connection; used on one thread. */
interface LoadWire {

  /**
   * Never fails: what goes wrong is an {@link RequestOutcome}. Completes on the caller's thread.
   */
  Future<RequestOutcome> send(Buffer request);
}
