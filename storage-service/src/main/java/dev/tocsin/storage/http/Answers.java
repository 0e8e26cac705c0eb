package dev.tocsin.storage.http;

import dev.tocsin.common.http.Problem;
import dev.tocsin.common.http.ProblemException;
import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.storage.ports.AnswerBytes;
import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.DatabaseException;
import dev.tocsin.storage.ports.QueryLimitException;
import dev.tocsin.storage.ports.QueryLimits;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How the own API reads parameters and answers: JSON, or a problem. */
final class Answers {
  private static final Logger log = LoggerFactory.getLogger(Answers.class);
  private static final String DATABASE_AWAY = "the database cannot be reached; try again";

  private final ServiceContext context;
  private final QueryLimits limits;
  private final AnswerMemory memory;

  Answers(ServiceContext context, QueryLimits limits) {
    this.context = context;
    this.limits = limits;
    this.memory = new AnswerMemory(limits.memoryMax());
  }

  Params params(RoutingContext routing, Set<String> known) {
    return new Params(routing.queryParams(), limits, context.clock(), known);
  }

  /** Cancelled when the client is gone before it was answered. */
  static Cancellation cancellation(RoutingContext routing) {
    Cancellation cancellation = new Cancellation();
    routing.response().closeHandler(gone -> cancellation.cancel());
    return cancellation;
  }

  /**
   * As {@link #respond(RoutingContext, Future, Function)}, for answers whose size is known before
   * they are made: while many of them are being made and taken, no more are begun.
   *
   * @param bytes of the answer, at least what it will have
   */
  <T> void respond(
      RoutingContext routing,
      Future<T> found,
      ToLongFunction<T> bytes,
      Function<T, JsonObject> json) {
    found
        .compose(
            value ->
                memory.during(
                    AnswerBytes.COPIES * bytes.applyAsLong(value),
                    () ->
                        context
                            .vertx()
                            .executeBlocking(() -> json.apply(value).toBuffer(), false)
                            .compose(
                                body ->
                                    routing
                                        .response()
                                        .putHeader("content-type", "application/json")
                                        .end(body))))
        .onFailure(failure -> fail(routing, failure));
  }

  /** Ends the response. Large answers take a while to write down, so not on the event loop. */
  <T> void respond(RoutingContext routing, Future<T> found, Function<T, JsonObject> json) {
    found
        .compose(
            value -> context.vertx().executeBlocking(() -> json.apply(value).toBuffer(), false))
        .onSuccess(
            body -> routing.response().putHeader("content-type", "application/json").end(body))
        .onFailure(failure -> fail(routing, failure));
  }

  static void fail(RoutingContext routing, Throwable failure) {
    if (!routing.response().closed()) {
      routing.fail(classified(failure));
    }
  }

  /** A sentence when a database cannot be reached now. */
  static Optional<String> away(Throwable failure) {
    if (failure instanceof DatabaseException one) {
      return away(one.failure())
          .map(away -> "the database " + one.database() + " cannot be reached; try again");
    }
    return Postgres.isAway(failure) ? Optional.of(DATABASE_AWAY) : Optional.empty();
  }

  private static Throwable classified(Throwable failure) {
    Optional<String> away = away(failure);
    if (away.isPresent()) {
      return new ProblemException(Problem.unavailable(away.get()));
    }
    if (failure instanceof DatabaseException one) {
      log.error("{} could not answer a query", one.database(), one.failure());
      String detail =
          "the database " + one.database() + " could not answer; the service log has the cause";
      return new ProblemException(new Problem(500, "Database Failed", detail));
    }
    if (!(failure instanceof QueryLimitException limit)) {
      return failure;
    }
    String detail = String.valueOf(limit.getMessage());
    return new ProblemException(
        switch (limit.kind()) {
          case TOO_MUCH -> new Problem(422, "Query Too Large", detail);
          case TIMEOUT -> new Problem(504, "Query Timeout", detail);
          case BUSY, CANCELLED -> Problem.unavailable(detail);
        });
  }
}
