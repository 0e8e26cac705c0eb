package dev.tocsin.ingest.receive;

import dev.tocsin.common.telemetry.RequestMetrics;
import dev.tocsin.ingest.body.Inflater;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** The server of one event loop; what it does with requests is the transport's. */
public final class ReceiverVerticle extends VerticleBase {

  /** Makes the request handler of one event loop. */
  public interface Handlers {
    Handler<HttpServerRequest> create(Vertx vertx, Intake intake, Inflater inflater);
  }

  private final HttpServerOptions options;
  private final Intake intake;
  private final Handlers handlers;
  private final IntConsumer portListener;
  private @Nullable Inflater inflater;

  ReceiverVerticle(
      HttpServerOptions options, Intake intake, Handlers handlers, IntConsumer portListener) {
    this.options = options;
    this.intake = intake;
    this.handlers = handlers;
    this.portListener = portListener;
  }

  @Override
  public Future<?> start() {
    Inflater own = intake.inflater();
    inflater = own;
    // The server closes with this verticle.
    return vertx
        .createHttpServer(options)
        .connectionHandler(this::count)
        .invalidRequestHandler(new InvalidRequest(intake.requests()))
        .requestHandler(handlers.create(vertx, intake, own))
        .listen()
        .onSuccess(server -> portListener.accept(server.actualPort()));
  }

  private void count(HttpConnection connection) {
    RequestMetrics requests = intake.requests();
    requests.connectionOpened();
    connection.closeHandler(closed -> requests.connectionClosed());
  }

  @Override
  public Future<?> stop() {
    if (inflater != null) {
      inflater.close();
    }
    return Future.succeededFuture();
  }
}
