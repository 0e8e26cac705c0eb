package dev.tocsin.storage.http;

import dev.tocsin.common.http.ServiceHttp;
import dev.tocsin.promql.text.PromqlException;
import dev.tocsin.storage.ports.DatabaseException;
import dev.tocsin.storage.ports.QueryLimitException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Failures as Prometheus reports them: its envelope, error types and status codes. */
final class PrometheusErrors {
  private static final Logger log = LoggerFactory.getLogger(PrometheusErrors.class);

  private PrometheusErrors() {}

  /** Runs what answers a request; a failure of any kind becomes an error answer. */
  static void guarded(RoutingContext routing, Supplier<Future<Void>> answer) {
    Future<Void> answered;
    try {
      answered = answer.get();
    } catch (PromParams.BadData | PromqlException | QueryLimitException e) {
      answered = Future.failedFuture(e);
    }
    answered.onFailure(failure -> fail(routing, failure));
  }

  private static void fail(RoutingContext routing, Throwable failure) {
    if (routing.response().headWritten()) {
      // Too late for a status: the client must not take this for a whole answer.
      routing.response().reset();
      return;
    }
    if (routing.response().closed()) {
      return;
    }
    String message = String.valueOf(failure.getMessage());
    Optional<String> away = away(failure);
    if (away.isPresent()) {
      error(routing, 503, "unavailable", away.get());
    } else if (failure instanceof PromParams.BadData) {
      error(routing, 400, "bad_data", message);
    } else if (failure instanceof PromqlException promql) {
      switch (promql.kind()) {
        case PARSE -> error(routing, 400, "bad_data", "invalid parameter \"query\": " + message);
        case EXECUTION, LIMIT -> error(routing, 422, "execution", message);
        case TIMEOUT -> error(routing, 503, "timeout", message);
        case CANCELED -> error(routing, 503, "canceled", message);
      }
    } else if (failure instanceof QueryLimitException limit) {
      switch (limit.kind()) {
        case TOO_MUCH -> error(routing, 422, "execution", message);
        case TIMEOUT -> error(routing, 503, "timeout", message);
        case CANCELLED -> error(routing, 503, "canceled", message);
        case BUSY -> error(routing, 503, "unavailable", message);
      }
    } else if (failure instanceof DatabaseException one) {
      log.error("{} could not answer a query", one.database(), one.failure());
      String detail = "the database " + one.database() + " could not answer; the service log has";
      error(routing, 500, "internal", detail + " the cause");
    } else {
      log.error("{} failed", routing.request().path(), failure);
      error(routing, 500, "internal", "the service log has the cause");
    }
  }

  /**
   * Series that the engine could not get because the database is away are no fault of the query.
   */
  private static Optional<String> away(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof PromqlException && cause != null
        ? Answers.away(cause)
        : Answers.away(failure);
  }

  private static void error(RoutingContext routing, int status, String type, String message) {
    JsonObject body =
        new JsonObject().put("status", "error").put("errorType", type).put("error", message);
    ServiceHttp.sendJson(routing, status, body);
  }
}
