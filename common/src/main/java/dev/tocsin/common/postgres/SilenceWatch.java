package dev.tocsin.common.postgres;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.internal.command.CommandBase;
import io.vertx.sqlclient.internal.command.CommandResponse;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends connections whose server has gone without a word, as after a failover: whoever waits for an
 * answer would otherwise wait until TCP gives up, a quarter of an hour, or for ever where something
 * in between still acknowledges. What was asked then fails as on any lost connection.
 *
 * <p>PostgreSQL answers each statement within {@code statement_timeout}, if only to say that it
 * took too long. A connection that owes an answer and says nothing for longer is dead; so is each
 * that has been silent since before that was asked. A pause of this process counts as one look, not
 * as its length, so what came in meanwhile is heard first.
 *
 * <p>The client has no way to be told of time-outs of its sockets, so this stands in the pipeline
 * of each connection, between the client and its codec.
 */
final class SilenceWatch {
  private static final Logger log = LoggerFactory.getLogger(SilenceWatch.class);
  private static final int LOOKS = 5;

  private final String server;
  private final Duration limit;
  private final Set<Line> lines = ConcurrentHashMap.newKeySet();

  /**
   * @param server as logs name it
   * @param limit how long a connection that owes an answer may be silent, to about a fifth
   */
  SilenceWatch(String server, Duration limit) {
    this.server = server;
    this.limit = limit;
  }

  /** Watches a connection until it ends. */
  void watch(SqlConnection connection) {
    ChannelHandlerContext client = ConnectionSocket.of(connection).client();
    client.pipeline().addBefore(client.name(), "silence", new Line(client.channel()));
  }

  private void died(Line dead, long askedNanos) {
    log.warn(
        "Postgres at {}: no answer on a connection for over {} s; it is taken for dead",
        server,
        limit.toSeconds());
    for (Line line : lines) {
      if (line != dead) {
        line.endIfSilentSince(askedNanos);
      }
    }
  }

  /** One connection; all but {@link #endIfSilentSince} is called from its event loop. */
  private final class Line extends ChannelDuplexHandler {
    private final Channel channel;
    private int owed;
    private long askedNanos;
    private long heardNanos = System.nanoTime();
    private int silentLooks;
    private boolean watched;

    Line(Channel channel) {
      this.channel = channel;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
      lines.add(this);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise)
        throws Exception {
      if (message instanceof CommandBase<?>) {
        asked();
      }
      super.write(ctx, message, promise);
    }

    private void asked() {
      owed++;
      if (owed == 1) {
        askedNanos = System.nanoTime();
        silentLooks = 0;
      }
      if (!watched) {
        watched = true;
        lookLater();
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
      if (message instanceof CommandResponse<?>) {
        // Not below: one may have been asked before this watched.
        owed = Math.max(0, owed - 1);
      }
      super.channelRead(ctx, message);
    }

    /** Also when what was read is part of an answer only. */
    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
      heardNanos = System.nanoTime();
      silentLooks = 0;
      super.channelReadComplete(ctx);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
      lines.remove(this);
      super.channelInactive(ctx);
    }

    private void lookLater() {
      var unused =
          channel.eventLoop().schedule(this::look, limit.toNanos() / LOOKS, TimeUnit.NANOSECONDS);
    }

    private void look() {
      if (owed == 0 || !channel.isActive()) {
        watched = false;
        return;
      }
      silentLooks++;
      if (silentLooks > LOOKS) {
        died(this, askedNanos);
        end();
        return;
      }
      lookLater();
    }

    /** Not by way of the codec, which would say goodbye and wait for the server to hang up. */
    private void end() {
      var unused = channel.pipeline().firstContext().close();
    }

    void endIfSilentSince(long sinceNanos) {
      channel
          .eventLoop()
          .execute(
              () -> {
                if (heardNanos - sinceNanos < 0) {
                  end();
                }
              });
    }
  }
}
