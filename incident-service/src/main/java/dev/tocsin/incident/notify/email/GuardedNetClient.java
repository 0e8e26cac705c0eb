package dev.tocsin.incident.notify.email;

import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.Future;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Puts a {@link ReplyLimit} and a {@link StartTlsWatch} on each connection that a net client makes.
 */
final class GuardedNetClient implements NetClient {
  private final NetClient client;
  private final Consumer<RuntimeException> unusable;

  /**
   * @param unusable told why a connection is closed
   */
  GuardedNetClient(NetClient client, Consumer<RuntimeException> unusable) {
    this.client = client;
    this.unusable = unusable;
  }

  private NetSocket guarded(NetSocket socket) {
    ChannelHandlerContext last = ((NetSocketInternal) socket).channelHandlerContext();
    last.pipeline().addBefore(last.name(), "reply-limit", new ReplyLimit(unusable::accept));
    last.pipeline().addBefore(last.name(), "starttls", new StartTlsWatch(unusable::accept));
    return socket;
  }

  @Override
  public Future<NetSocket> connect(int port, String host) {
    return client.connect(port, host).map(this::guarded);
  }

  @Override
  public Future<NetSocket> connect(int port, String host, String serverName) {
    return client.connect(port, host, serverName).map(this::guarded);
  }

  @Override
  public Future<NetSocket> connect(SocketAddress address) {
    return client.connect(address).map(this::guarded);
  }

  @Override
  public Future<NetSocket> connect(SocketAddress address, String serverName) {
    return client.connect(address, serverName).map(this::guarded);
  }

  @Override
  public Future<NetSocket> connect(ConnectOptions options) {
    return client.connect(options).map(this::guarded);
  }

  @Override
  public Future<Void> shutdown(long timeout, TimeUnit unit) {
    return client.shutdown(timeout, unit);
  }

  @Override
  public Future<Boolean> updateSSLOptions(ClientSSLOptions options, boolean force) {
    return client.updateSSLOptions(options, force);
  }

  @Override
  public boolean isMetricsEnabled() {
    return client.isMetricsEnabled();
  }
}
