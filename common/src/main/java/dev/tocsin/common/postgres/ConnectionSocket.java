package dev.tocsin.common.postgres;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioChannelOption;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.impl.SocketConnectionBase;
import io.vertx.sqlclient.internal.SqlConnectionInternal;
import jdk.net.ExtendedSocketOptions;

/** What a connection's client does not show: its socket. */
final class ConnectionSocket {
  /** A peer that is gone is noticed after a minute in which nothing else is said. */
  private static final int KEEPALIVE_IDLE_SECONDS = 30;

  private static final int KEEPALIVE_INTERVAL_SECONDS = 10;
  private static final int KEEPALIVE_COUNT = 3;

  private final ChannelHandlerContext client;

  private ConnectionSocket(ChannelHandlerContext client) {
    this.client = client;
  }

  static ConnectionSocket of(SqlConnection connection) {
    var socket = (SocketConnectionBase) ((SqlConnectionInternal) connection).unwrap().unwrap();
    return new ConnectionSocket(socket.socket().channelHandlerContext());
  }

  /** Where the client stands in the pipeline. */
  ChannelHandlerContext client() {
    return client;
  }

  /** Left as it is where the system does not have it: then its own idle time holds. */
  void keepAlive() {
    Channel channel = client.channel();
    channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
    channel
        .config()
        .setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), KEEPALIVE_IDLE_SECONDS);
    channel
        .config()
        .setOption(
            NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL),
            KEEPALIVE_INTERVAL_SECONDS);
    channel
        .config()
        .setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), KEEPALIVE_COUNT);
  }

  /** Not by way of the codec, which would say goodbye and wait for the server to hang up. */
  void end() {
    var unused = client.pipeline().firstContext().close();
  }
}
