package dev.tocsin.ingest.receive;

import dev.tocsin.ingest.body.Inflater;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The server of one event loop; what it does with requests is the transport's. */
public final class ReceiverVerticle extends VerticleBase {

  /** Makes the request handler of one event loop. */
  public interface Handlers {
    Handler<HttpServerRequest> create(Vertx vertx, Intake intake, Inflater inflater);
  }

  private final Function<Vertx, HttpServer> servers;
  private final SocketAddress address;
  private final Intake intake;
  private final Handlers handlers;
  private final Consumer<HttpServer> listening;
  private @Nullable Inflater inflater;

  ReceiverVerticle(
      Function<Vertx, HttpServer> servers,
      SocketAddress address,
      Intake intake,
      Handlers handlers,
      Consumer<HttpServer> listening) {
    this.servers = servers;
    this.address = address;
    this.intake = intake;
    this.handlers = handlers;
    this.listening = listening;
  }

  @Override
  public Future<?> start() {
    Inflater own = intake.inflater();
    inflater = own;
    Farewell farewell = new Farewell(handlers.create(vertx, intake, own));
    intake.admission().onDrain(() -> context.runOnContext(ignored -> farewell.begin()));
    // The server closes with this verticle.
    return servers
        .apply(vertx)
        .connectionHandler(farewell::met)
        .invalidRequestHandler(new InvalidRequest(intake.requests()))
        .requestHandler(farewell)
        .listen(address)
        .onSuccess(listening::accept);
  }

  @Override
  public Future<?> stop() {
    if (inflater != null) {
      inflater.close();
    }
    return Future.succeededFuture();
  }
}
