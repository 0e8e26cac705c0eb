package dev.tocsin.ingest.listen;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Closes a connection whose client is too slow to say what it wants (slow loris): with the opening,
 * and with the first byte of each further HTTP/1.1 request, begins the time in which the headers
 * must be complete. It sits in front of the decoder and sees bytes; {@link Heads} sits behind it
 * and sees what has become of them. Once a connection is known to speak HTTP/2 there is nothing
 * more to watch: it has no cheap state that slow headers would hold. On the event loop of its
 * connection only.
 */
final class HeaderWatch extends ChannelInboundHandlerAdapter {
  private final Connections connections;
  private final Heads heads = new Heads();
  private @Nullable ScheduledFuture<?> timer;
  private boolean counted;
  private boolean inRequest;
  private boolean http2;
  private boolean decoded;

  HeaderWatch(Connections connections) {
    this.connections = connections;
  }

  /** To be placed behind the decoder. */
  Heads heads() {
    return heads;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    counted = true;
    if (connections.opened()) {
      arm(context);
    } else {
      // Not at once: those who put this pipeline together are not done yet.
      context.executor().execute(() -> close(context));
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    decoded = false;
    context.fireChannelRead(message);
    if (timer == null && !http2 && !inRequest && !decoded && context.channel().isActive()) {
      arm(context);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    closed();
    context.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    closed();
  }

  private void closed() {
    disarm();
    if (counted) {
      counted = false;
      connections.closed();
    }
  }

  private void arm(ChannelHandlerContext context) {
    timer =
        context
            .executor()
            .schedule(
                () -> late(context), connections.limits().headerTimeoutMs(), TimeUnit.MILLISECONDS);
  }

  private void late(ChannelHandlerContext context) {
    timer = null;
    connections.headersAreLate();
    close(context);
  }

  private static void close(ChannelHandlerContext context) {
    // Whether it works makes no difference: channelInactive tells when it is over.
    var unused = context.close();
  }

  private void disarm() {
    if (timer != null) {
      boolean unused = timer.cancel(false);
      timer = null;
    }
  }

  /** Tells the watch what the decoder made of the bytes. */
  final class Heads extends ChannelInboundHandlerAdapter {
    private Heads() {}

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof HttpRequest) {
        disarm();
        inRequest = true;
        decoded = true;
      }
      if (message instanceof LastHttpContent) {
        inRequest = false;
        decoded = true;
      } else if (!(message instanceof HttpObject)) {
        disarm();
        http2 = true;
      }
      context.fireChannelRead(message);
    }
  }
}
