package dev.tocsin.ingest.listen;

import io.netty.channel.ChannelPipeline;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.HttpServerImpl;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.VertxWrapper;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.impl.NetServerImpl;
import io.vertx.core.net.impl.NetServerInternal;

/**
 * Vert.x's own HTTP server over Vert.x's own TCP server, with a {@link HeaderWatch} in the pipeline
 * of each connection. Vert.x calls a connection handler no sooner than the first headers are
 * complete and has no other hook; docs/adr/003 says why we reach below its public API here, and
 * only here.
 */
final class GuardedHttp {
  private GuardedHttp() {}

  static HttpServer create(Vertx vertx, HttpServerOptions options, Connections connections) {
    return new HttpServerImpl(new Guard((VertxInternal) vertx, connections), options);
  }

  /** The real thing, but for the TCP servers it makes. */
  private static final class Guard extends VertxWrapper {
    private final Connections connections;

    private Guard(VertxInternal vertx, Connections connections) {
      super(vertx);
      this.connections = connections;
    }

    @Override
    public NetServerInternal createNetServer(NetServerOptions options) {
      return new GuardedTcp(delegate, options, connections);
    }
  }

  private static final class GuardedTcp extends NetServerImpl {
    private final Connections connections;

    private GuardedTcp(VertxInternal vertx, NetServerOptions options, Connections connections) {
      super(vertx, options);
      this.connections = connections;
    }

    /** Vert.x puts its decoders in front of the first handler that is added here by its parent. */
    @Override
    protected void initChannel(ChannelPipeline pipeline, boolean ssl) {
      HeaderWatch watch = new HeaderWatch(connections);
      pipeline.addLast("header-watch", watch);
      super.initChannel(pipeline, ssl);
      pipeline.addLast("header-watch-heads", watch.heads());
    }
  }
}
