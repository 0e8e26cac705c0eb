package dev.tocsin.ingest.receive;

import io.netty.channel.EventLoop;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Lets the event loop read from its sockets before a step. After a pause of the process, or under
 * overload, the end of a connection or the reset of a stream often stands right behind the request,
 * and a socket is not read to its end in one go.
 */
final class NextRead {
  private NextRead() {}

  /** Runs the step in the caller's context, which is an event loop's, once the loop has read. */
  static void after(Runnable step) {
    var context = (ContextInternal) Objects.requireNonNull(Vertx.currentContext());
    EventLoop loop = context.nettyEventLoop();
    // A task still belongs to the reading under way; a timer it sets is due after the next.
    loop.execute(
        () -> {
          var unused =
              loop.schedule(
                  () -> context.runOnContext(ignored -> step.run()), 0, TimeUnit.NANOSECONDS);
        });
  }
}
