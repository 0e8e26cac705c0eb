package dev.tocsin.testkit.fault;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The thread of a {@link FaultProxy}: accepts, and turns its links whenever one can go on. */
final class ProxyLoop implements Runnable, Link.Watcher {
  static final int CONNECTIONS_MAX = 512;

  private final Selector selector;
  private final InetSocketAddress address;
  private final InetSocketAddress target;
  private final ConcurrentLinkedQueue<Change> changes = new ConcurrentLinkedQueue<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final Map<Direction, Passage> passages = new EnumMap<>(Direction.class);
  private final Map<Direction, Long> passedByClosed = new EnumMap<>(Direction.class);
  private final List<Link> links = new ArrayList<>();
  private final ByteBuffer scratch = ByteBuffer.allocate(64 << 10);
  private @Nullable ServerSocketChannel listener;
  private Trap waiting = Trap.NONE;
  private Trap sprung = Trap.NONE;
  private volatile boolean stopping;

  private ProxyLoop(Selector selector, ServerSocketChannel listener, InetSocketAddress target)
      throws IOException {
    this.selector = selector;
    this.listener = listener;
    this.address = (InetSocketAddress) listener.getLocalAddress();
    this.target = target;
    for (Direction direction : Direction.values()) {
      passages.put(direction, Passage.CLEAR);
      passedByClosed.put(direction, 0L);
    }
    listener.register(selector, SelectionKey.OP_ACCEPT);
  }

  static ProxyLoop open(InetAddress host, InetSocketAddress target) throws IOException {
    return new ProxyLoop(Selector.open(), listen(new InetSocketAddress(host, 0)), target);
  }

  private static ServerSocketChannel listen(InetSocketAddress address) throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open();
    channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    channel.configureBlocking(false);
    return channel.bind(address);
  }

  int port() {
    return address.getPort();
  }

  /** Runs the change on the proxy's thread and waits for it; after the end nothing is changed. */
  void run(Consumer<ProxyLoop> change) {
    Change wanted = new Change(change, new CompletableFuture<>());
    changes.add(wanted);
    selector.wakeup();
    CompletableFuture.anyOf(wanted.made, ended).join();
  }

  /** A change that somebody waits for. */
  private record Change(Consumer<ProxyLoop> change, CompletableFuture<Void> made) {
    /** Returns how to tell that it is in force. */
    Runnable make(ProxyLoop loop) {
      try {
        change.accept(loop);
        return () -> made.complete(null);
      } catch (RuntimeException e) {
        return () -> made.completeExceptionally(e);
      }
    }
  }

  int connections() {
    CompletableFuture<Integer> answer = new CompletableFuture<>();
    run(inner -> answer.complete(links.size()));
    return answer.getNow(0);
  }

  long passed(Direction direction) {
    CompletableFuture<Long> answer = new CompletableFuture<>();
    run(
        inner ->
            answer.complete(
                links.stream().mapToLong(link -> link.pipe(direction).passedInAll()).sum()
                    + passedByClosed.getOrDefault(direction, 0L)));
    return answer.getNow(passedByClosed.getOrDefault(direction, 0L));
  }

  void stop() {
    stopping = true;
    selector.wakeup();
  }

  @Override
  public void run() {
    try (selector) {
      while (!stopping) {
        turn();
      }
    } catch (IOException e) {
      ended.completeExceptionally(e);
    } finally {
      reset();
      refuse();
      ended.complete(null);
    }
  }

  private void turn() throws IOException {
    makeChanges();
    long nowNanos = System.nanoTime();
    long waitNanos = Long.MAX_VALUE;
    for (Link link : links) {
      link.move(nowNanos);
      waitNanos = Math.min(waitNanos, link.waitNanos(nowNanos));
    }
    forgetClosed();
    // A chunk is due at a nanosecond, a selector waits for milliseconds: at least one.
    selector.select(
        this::selected, waitNanos == Long.MAX_VALUE ? 0 : Math.max(1, waitNanos / 1_000_000));
  }

  private void makeChanges() throws IOException {
    List<Runnable> made = new ArrayList<>();
    for (Change change = changes.poll(); change != null; change = changes.poll()) {
      made.add(change.make(this));
    }
    if (!made.isEmpty()) {
      // A registered channel is really closed by the next selection, and then the change is made.
      selector.selectNow(this::selected);
      made.forEach(Runnable::run);
    }
  }

  private void selected(SelectionKey key) {
    if (key.attachment() instanceof Link link) {
      link.turn(scratch, System.nanoTime(), this);
    } else if (key.isValid()) {
      acceptOne();
    }
  }

  private void acceptOne() {
    ServerSocketChannel open = listener;
    try {
      SocketChannel client = open == null ? null : open.accept();
      if (client == null) {
        return;
      }
      if (links.size() >= CONNECTIONS_MAX) {
        client.setOption(StandardSocketOptions.SO_LINGER, 0);
        client.close();
        return;
      }
      SocketChannel server = SocketChannel.open();
      for (SocketChannel channel : List.of(client, server)) {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      }
      var unused = server.connect(target);
      links.add(
          new Link(
              client,
              server,
              selector,
              passage(Direction.TO_SERVER),
              passage(Direction.TO_CLIENT)));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot accept on " + address, e);
    }
  }

  private Passage passage(Direction direction) {
    return passages.getOrDefault(direction, Passage.CLEAR);
  }

  private void forgetClosed() {
    for (Link link : links) {
      if (link.closed()) {
        for (Direction direction : Direction.values()) {
          passedByClosed.merge(direction, link.pipe(direction).passedInAll(), Long::sum);
        }
      }
    }
    links.removeIf(Link::closed);
  }

  void apply(Direction direction, Passage passage) {
    passages.put(direction, passage);
    links.forEach(link -> link.apply(direction, passage));
  }

  void reset() {
    links.forEach(Link::reset);
    forgetClosed();
  }

  void refuse() {
    ServerSocketChannel open = listener;
    listener = null;
    try {
      if (open != null) {
        open.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close " + address, e);
    }
  }

  void accept() {
    if (listener != null) {
      return;
    }
    try {
      ServerSocketChannel opened = listen(address);
      listener = opened;
      opened.register(selector, SelectionKey.OP_ACCEPT);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on " + address, e);
    }
  }

  void strand() {
    links.forEach(Link::strand);
  }

  /** Instead of what was expected before. */
  void expect(Trap trap) {
    waiting = trap;
    links.forEach(Link::forgetHeard);
  }

  @Override
  public void sent(Link link, byte[] bytes) {
    // A byte is a character: what looks for text in requests need not know their encoding.
    Trap trap = waiting;
    if (!trap.texts().isEmpty() && link.hears(new String(bytes, ISO_8859_1), trap.texts())) {
      waiting = Trap.NONE;
      sprung = trap;
      trap.springs().accept(link);
    }
  }

  @Override
  public void replyLost() {
    sprung.done().complete(null);
  }
}
