package dev.tocsin.storage.http;

import dev.tocsin.common.http.Problem;
import dev.tocsin.common.http.ProblemException;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.storage.ports.Condition;
import dev.tocsin.storage.ports.LogCondition;
import dev.tocsin.storage.ports.LogReader;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.ext.web.RoutingContext;

/** {@code /api/v1/logs/tail}: a WebSocket on which matching records come as they are stored. */
final class LogTailRoute {
  private final ServiceContext context;
  private final Answers answers;
  private final LogReader logs;

  LogTailRoute(ServiceContext context, Answers answers, LogReader logs) {
    this.context = context;
    this.answers = answers;
    this.logs = logs;
  }

  void handle(RoutingContext routing) {
    Condition<LogCondition> condition =
        LogFilterParams.read(answers.params(routing, LogFilterParams.NAMES));
    String upgrade = routing.request().getHeader(HttpHeaders.UPGRADE);
    if (!"websocket".equalsIgnoreCase(upgrade)) {
      throw new ProblemException(
          new Problem(426, "Upgrade Required", "upgrade: " + upgrade + " (expected: websocket)"));
    }
    LogTailSession session = new LogTailSession(context.vertx());
    LogReader.Tail tail;
    try {
      tail = logs.tail(condition, session);
    } catch (RuntimeException e) {
      Answers.fail(routing, e);
      return;
    }
    routing
        .request()
        .toWebSocket()
        .onSuccess(
            (ServerWebSocket socket) -> {
              session.open(socket);
              socket.closeHandler(
                  closed -> {
                    session.close();
                    tail.close();
                  });
            })
        .onFailure(failure -> tail.close());
  }
}
