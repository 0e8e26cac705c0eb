package dev.tocsin.testkit.fault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Stands before a real server and does to its connections what networks do: slow, stalled, lost,
 * cut. Listens on 127.0.0.1 on a port of its own; one thread carries all connections, at most
 * {@link ProxyLoop#CONNECTIONS_MAX} of them (more are reset), each with at most 512 KiB on its way.
 *
 * <p>Faults apply to connections that are open and to those to come, until they are changed. Every
 * method returns when its fault is in force; all may be called from any thread. A client of Kafka
 * goes to the address a broker advertises: see {@code Backends.proxiedKafka()}.
 */
public final class FaultProxy implements AutoCloseable {
  private static final byte[] LOOPBACK = {127, 0, 0, 1};

  private final ProxyLoop loop;
  private final Thread thread;

  private FaultProxy(ProxyLoop loop) {
    this.loop = loop;
    this.thread = new Thread(loop, "fault-proxy-" + loop.port());
    thread.setDaemon(true);
    thread.start();
  }

  /** Starts before a server on this host, which need not be there yet. */
  public static FaultProxy before(int port) {
    try {
      InetAddress loopback = InetAddress.getByAddress(LOOPBACK);
      return new FaultProxy(ProxyLoop.open(loopback, new InetSocketAddress(loopback, port)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return loop.port();
  }

  /** {@code 127.0.0.1:port}. */
  public String address() {
    return "127.0.0.1:" + port();
  }

  public void set(Direction direction, Passage passage) {
    loop.run(inner -> inner.apply(direction, passage));
  }

  /** Connections are accepted and stay open, but nothing passes; {@link #heal} lets it pass. */
  public void halfOpen() {
    loop.run(
        inner -> {
          inner.apply(Direction.TO_SERVER, Passage.CLEAR.stalled());
          inner.apply(Direction.TO_CLIENT, Passage.CLEAR.stalled());
        });
  }

  /** Connections are accepted, all that is sent is lost. */
  public void blackHole() {
    loop.run(
        inner -> {
          inner.apply(Direction.TO_SERVER, Passage.CLEAR.swallowed());
          inner.apply(Direction.TO_CLIENT, Passage.CLEAR.swallowed());
        });
  }

  /** No new connections: the port is closed. Those that are open stay. */
  public void refuse() {
    loop.run(ProxyLoop::refuse);
  }

  /** Resets every open connection, at both ends. */
  public void reset() {
    loop.run(ProxyLoop::reset);
  }

  /** Ends every fault; what lost bytes is reset. */
  public void heal() {
    loop.run(
        inner -> {
          inner.apply(Direction.TO_SERVER, Passage.CLEAR);
          inner.apply(Direction.TO_CLIENT, Passage.CLEAR);
          inner.accept();
        });
  }

  /**
   * Open connections are dead without a word, as after a failover: all that is sent on them is
   * lost, until {@link #heal} resets them. Those to come are well.
   */
  public void strand() {
    loop.run(ProxyLoop::strand);
  }

  /**
   * Once: waits for a connection to send these texts in this order, lets them pass, and resets the
   * connection when the server begins to answer the last: what was asked for is done, but its
   * sender does not learn it.
   *
   * @return completes when that has happened
   */
  public CompletableFuture<Void> loseReplyTo(String... texts) {
    CompletableFuture<Void> lost = new CompletableFuture<>();
    loop.run(inner -> inner.expect(new Trap(List.of(texts), Link::loseNextReply, lost)));
    return lost;
  }

  /**
   * Once: waits for a connection to send these texts in this order, each in one piece, and lets
   * them pass; from then on nothing passes to any client until {@link #heal}. What was asked for is
   * done, and its sender waits for an answer until it gives up, however often it asks.
   *
   * @return completes when that is in force
   */
  public CompletableFuture<Void> stallRepliesFrom(String... texts) {
    CompletableFuture<Void> stalled = new CompletableFuture<>();
    loop.run(
        inner ->
            inner.expect(
                new Trap(
                    List.of(texts),
                    link -> {
                      inner.apply(Direction.TO_CLIENT, Passage.CLEAR.stalled());
                      stalled.complete(null);
                    },
                    stalled)));
    return stalled;
  }

  /** How many connections are open. */
  public int connections() {
    return loop.connections();
  }

  /** How many bytes have passed in all. */
  public long passed(Direction direction) {
    return loop.passed(direction);
  }

  /** Closes the port and resets every connection. */
  @Override
  public void close() {
    loop.stop();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
