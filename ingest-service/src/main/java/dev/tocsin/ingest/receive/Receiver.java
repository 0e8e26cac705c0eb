package dev.tocsin.ingest.receive;

import dev.tocsin.common.http.Listen;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.ingest.listen.ListenAddress;
import dev.tocsin.ingest.listen.Listeners;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A listener with a server on every event loop; the system spreads connections over them. */
public final class Receiver implements Component {
  private final Vertx vertx;
  private final ListenAddress endpoint;
  private final Listeners listeners;
  private final HttpServerOptions options;
  private final Intake intake;
  private final ReceiverVerticle.Handlers handlers;
  private final AtomicReference<@Nullable HttpServer> first = new AtomicReference<>();
  private volatile @Nullable String deployment;

  public Receiver(
      Vertx vertx,
      ListenAddress endpoint,
      Listeners listeners,
      HttpServerOptions options,
      Intake intake,
      ReceiverVerticle.Handlers handlers) {
    this.vertx = vertx;
    this.endpoint = endpoint;
    this.listeners = listeners;
    this.options = options;
    this.intake = intake;
    this.handlers = handlers;
  }

  @Override
  public String name() {
    return endpoint.name();
  }

  @Override
  public Future<Void> start() {
    DeploymentOptions instances =
        new DeploymentOptions().setInstances(VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE);
    // Looking at files blocks.
    return vertx
        .executeBlocking(
            () -> {
              endpoint.clear();
              return null;
            },
            false)
        .compose(cleared -> vertx.deployVerticle(this::instance, instances))
        .onSuccess(
            id -> {
              deployment = id;
              HttpServer server = first.get();
              if (server != null) {
                // It holds the certificate for all instances.
                listeners.keepUpToDate(endpoint, server);
              }
            })
        .recover(
            e ->
                Future.failedFuture(
                    new IllegalStateException(
                        name() + ": cannot listen on " + endpoint + ": " + e.getMessage(), e)))
        .mapEmpty();
  }

  private ReceiverVerticle instance() {
    return new ReceiverVerticle(
        context -> listeners.create(context, endpoint, options),
        endpoint.address(),
        intake,
        handlers,
        server -> first.compareAndSet(null, server));
  }

  /** The address listened on, with the real port where 0 was asked for, as a URL's host part. */
  public String address() {
    HttpServer server = first.get();
    Listen listen = endpoint.listen();
    return listen == null || server == null
        ? endpoint.toString()
        : new Listen(listen.host(), server.actualPort()).toString();
  }

  /** {@code https} where connections are encrypted, else {@code http}. */
  public String scheme() {
    return listeners.encrypts(endpoint) ? "https" : "http";
  }

  @Override
  public Future<Void> stop() {
    String running = deployment;
    deployment = null;
    return running == null ? Future.succeededFuture() : vertx.undeploy(running);
  }

  @Override
  public boolean ready() {
    return deployment != null;
  }
}
