package dev.tocsin.ingest.receive;

import dev.tocsin.common.http.Listen;
import dev.tocsin.common.runtime.Component;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerOptions;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A listener with a server on every event loop; the system spreads connections over them. */
public final class Receiver implements Component {
  private final String name;
  private final Vertx vertx;
  private final Listen listen;
  private final HttpServerOptions options;
  private final Intake intake;
  private final ReceiverVerticle.Handlers handlers;
  private final AtomicInteger port = new AtomicInteger();
  private @Nullable String deployment;

  public Receiver(
      String name,
      Vertx vertx,
      Listen listen,
      HttpServerOptions options,
      Intake intake,
      ReceiverVerticle.Handlers handlers) {
    this.name = name;
    this.vertx = vertx;
    this.listen = listen;
    this.options = options;
    this.intake = intake;
    this.handlers = handlers;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Future<Void> start() {
    // To Vert.x, each negative number stands for one free port for all servers that name it; with
    // 0 every instance would get a port of its own.
    HttpServerOptions shared =
        new HttpServerOptions(options)
            .setHost(listen.host())
            .setPort(listen.port() == 0 ? -1 - (name.hashCode() & 0xffff) : listen.port());
    DeploymentOptions instances =
        new DeploymentOptions().setInstances(VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE);
    return vertx
        .deployVerticle(() -> new ReceiverVerticle(shared, intake, handlers, port::set), instances)
        .onSuccess(id -> deployment = id)
        .recover(
            e ->
                Future.failedFuture(
                    new IllegalStateException(
                        name + ": cannot listen on " + listen + ": " + e.getMessage(), e)))
        .mapEmpty();
  }

  /** The address listened on, with the real port where 0 was asked for. */
  public Listen address() {
    return new Listen(listen.host(), port.get() == 0 ? listen.port() : port.get());
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
