package dev.tocsin.testkit.fault;

import dev.tocsin.testkit.fault.Pipe.Outcome;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.List;

/** One client's connection and the one to the server behind it; used by the proxy's thread only. */
final class Link {
  private static final int TAIL_MAX = 1_024;

  private final SocketChannel client;
  private final SocketChannel server;
  private final SelectionKey clientKey;
  private final SelectionKey serverKey;
  private final Pipe toServer;
  private final Pipe toClient;
  private int heard;

  /** The end of what was sent: a text may come in two pieces. */
  private String tail = "";

  private boolean losesReply;
  private boolean closed;

  Link(
      SocketChannel client,
      SocketChannel server,
      Selector selector,
      Passage towardsServer,
      Passage towardsClient)
      throws IOException {
    this.client = client;
    this.server = server;
    this.toServer = new Pipe(client, server, towardsServer);
    this.toClient = new Pipe(server, client, towardsClient);
    this.clientKey = client.register(selector, 0, this);
    this.serverKey =
        server.register(selector, server.isConnected() ? 0 : SelectionKey.OP_CONNECT, this);
  }

  boolean closed() {
    return closed;
  }

  Pipe pipe(Direction direction) {
    return direction == Direction.TO_SERVER ? toServer : toClient;
  }

  void apply(Direction direction, Passage passage) {
    if (!pipe(direction).apply(passage)) {
      reset();
    }
  }

  /** Nothing passes any more, and nobody is told. */
  void strand() {
    apply(Direction.TO_SERVER, Passage.CLEAR.swallowed());
    apply(Direction.TO_CLIENT, Passage.CLEAR.swallowed());
  }

  /** Whether the last of the texts has been sent by now, after those before it. */
  boolean hears(String sent, List<String> texts) {
    String unheard = tail + sent;
    while (heard < texts.size() && unheard.contains(texts.get(heard))) {
      String text = texts.get(heard);
      unheard = unheard.substring(unheard.indexOf(text) + text.length());
      heard++;
    }
    tail = unheard.substring(Math.max(0, unheard.length() - TAIL_MAX));
    return heard == texts.size();
  }

  void forgetHeard() {
    heard = 0;
    tail = "";
  }

  void loseNextReply() {
    losesReply = true;
  }

  /**
   * Moves what can be moved. The owner is told of what the client sent, and when a reply that was
   * to be lost has come and is gone.
   */
  void turn(ByteBuffer scratch, long nowNanos, Watcher watcher) {
    if (closed) {
      return;
    }
    try {
      if (serverKey.isConnectable() && !server.finishConnect()) {
        return;
      }
      if (clientKey.isReadable() && toServer.wantsToRead()) {
        byte[] sent = toServer.read(scratch, nowNanos);
        if (sent.length > 0) {
          watcher.sent(this, sent);
        }
      }
      if (serverKey.isReadable() && toClient.wantsToRead()) {
        byte[] reply = toClient.read(scratch, nowNanos);
        if (losesReply && reply.length > 0) {
          reset();
          watcher.replyLost();
          return;
        }
      }
      moveOn(nowNanos);
    } catch (IOException e) {
      // One end is gone: the other one learns it as rudely.
      reset();
    }
  }

  /** What is due goes on, and the selector learns what is waited for. */
  void move(long nowNanos) {
    if (!closed && server.isConnected()) {
      try {
        moveOn(nowNanos);
      } catch (IOException e) {
        reset();
      }
    }
  }

  private void moveOn(long nowNanos) throws IOException {
    Outcome up = toServer.write(nowNanos);
    Outcome down = toClient.write(nowNanos);
    if (up == Outcome.CUT || down == Outcome.CUT) {
      reset();
    } else if (up == Outcome.DONE && down == Outcome.DONE) {
      close();
    } else {
      clientKey.interestOps(operations(toServer, toClient, nowNanos));
      serverKey.interestOps(operations(toClient, toServer, nowNanos));
    }
  }

  private static int operations(Pipe in, Pipe out, long nowNanos) {
    return (in.wantsToRead() ? SelectionKey.OP_READ : 0)
        | (out.wantsToWrite(nowNanos) ? SelectionKey.OP_WRITE : 0);
  }

  long waitNanos(long nowNanos) {
    return server.isConnected()
        ? Math.min(toServer.waitNanos(nowNanos), toClient.waitNanos(nowNanos))
        : Long.MAX_VALUE;
  }

  /** Both ends see a reset connection. */
  void reset() {
    try {
      client.setOption(StandardSocketOptions.SO_LINGER, 0);
      server.setOption(StandardSocketOptions.SO_LINGER, 0);
    } catch (IOException e) {
      // Already closed by its other end: nothing is left to reset.
    }
    close();
  }

  private void close() {
    closed = true;
    try (client;
        server) {
      clientKey.cancel();
      serverKey.cancel();
    } catch (IOException e) {
      // Closing is all that was wanted.
    }
  }

  /** Who is told what happens on a link. */
  interface Watcher {
    void sent(Link link, byte[] bytes);

    void replyLost();
  }
}
