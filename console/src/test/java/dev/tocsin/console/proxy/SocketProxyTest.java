package dev.tocsin.console.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.tocsin.common.config.Settings;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.console.service.ConsoleConfig;
import dev.tocsin.console.service.ConsoleService;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** WebSockets through a console to a server of the test that says everything back. */
final class SocketProxyTest {
  private static final String TAIL = "/api/v1/logs/tail";
  private static final int FRAME_BYTES = 65_536;

  private final Vertx vertx = Vertx.vertx();
  private final WebSocketClient client =
      vertx.createWebSocketClient(
          new WebSocketClientOptions()
              .setMaxConnections(2 * SocketProxy.SOCKETS_MAX)
              .setMaxMessageSize(10 * FRAME_BYTES));
  private final Queue<ServerWebSocket> served = new ConcurrentLinkedQueue<>();
  private HttpServer service;
  private ConsoleService console;

  @BeforeEach
  void start() throws Exception {
    service = wait(vertx.createHttpServer().requestHandler(this::serve).listen(0, "127.0.0.1"));
    console = console(service.actualPort());
  }

  private ConsoleService console(int storagePort) throws Exception {
    ConsoleService made =
        ConsoleService.create(
            ConsoleConfig.from(
                Settings.of(
                    Map.of(
                        "console.port",
                        "0",
                        "console.storage_url",
                        "http://127.0.0.1:" + storagePort))),
            ServiceContext.create(vertx, "console", InstantSource.system()));
    wait(made.start());
    return made;
  }

  @AfterEach
  void stop() throws Exception {
    wait(console.stop().eventually(vertx::close));
  }

  private void serve(HttpServerRequest request) {
    if (request.uri().contains("severity=loud")) {
      request.response().setStatusCode(400).end("{\"detail\":\"severity: loud\"}");
      return;
    }
    request
        .toWebSocket()
        .onSuccess(
            socket -> {
              served.add(socket);
              socket.textMessageHandler(
                  text -> socket.writeTextMessage(request.uri() + " " + text));
            });
  }

  private WebSocket open(ConsoleService through, String uri, Map<String, String> headers)
      throws Exception {
    WebSocketConnectOptions options =
        new WebSocketConnectOptions().setHost("127.0.0.1").setPort(through.port()).setURI(uri);
    headers.forEach(options::addHeader);
    return wait(client.connect(options));
  }

  private int refusal(ConsoleService through, String uri, Map<String, String> headers) {
    Throwable failure = catchThrowable(() -> open(through, uri, headers));
    assertThat(failure)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(UpgradeRejectedException.class);
    return ((UpgradeRejectedException) failure.getCause()).getStatus();
  }

  @Test
  void messages_passBothWaysAsTheyAre_alsoThoseOfManyFrames() throws Exception {
    WebSocket socket =
        open(
            console,
            TAIL + "?q=card%20declined",
            Map.of("origin", "http://127.0.0.1:" + console.port()));
    Queue<String> messages = new ConcurrentLinkedQueue<>();
    socket.textMessageHandler(messages::add);
    String large = "x".repeat(3 * FRAME_BYTES + 7);
    wait(socket.writeTextMessage("hello"));
    wait(socket.writeTextMessage(large));
    await().until(() -> messages.size() == 2);
    assertThat(messages)
        .containsExactly(TAIL + "?q=card%20declined hello", TAIL + "?q=card%20declined " + large);
  }

  @Test
  void eitherEnd_closesBoth() throws Exception {
    WebSocket first = open(console, TAIL, Map.of());
    wait(served.remove().close((short) 4000, "enough"));
    await().until(first::isClosed);
    assertThat(first.closeStatusCode()).isEqualTo((short) 4000);

    WebSocket second = open(console, TAIL, Map.of());
    ServerWebSocket upstream = served.remove();
    wait(second.close());
    await().until(upstream::isClosed);
  }

  @Test
  void foreignPages_areKeptOut() {
    for (String origin : List.of("https://evil.example", "http://127.0.0.1:1", "null")) {
      assertThat(refusal(console, TAIL, Map.of("origin", origin))).isEqualTo(403);
    }
    assertThat(served).isEmpty();
  }

  @Test
  void refusals_areHttpAnswers() throws Exception {
    assertThat(refusal(console, TAIL + "?severity=loud", Map.of())).isEqualTo(400);
    assertThat(refusal(console, "/api/v1/logs", Map.of())).isEqualTo(404);
    assertThat(refusal(console, "/api/v1/incidents/7/acknowledge", Map.of())).isEqualTo(404);
    // Nobody listens on port 1.
    ConsoleService alone = console(1);
    assertThat(refusal(alone, TAIL, Map.of())).isEqualTo(502);
    wait(alone.stop());
  }

  @Test
  void sockets_areLimited_andFreeWhenClosed() throws Exception {
    List<WebSocket> open = new ArrayList<>();
    for (int i = 0; i < SocketProxy.SOCKETS_MAX; i++) {
      open.add(open(console, TAIL, Map.of()));
    }
    assertThat(refusal(console, TAIL, Map.of())).isEqualTo(503);
    // What was refused holds no place.
    assertThat(refusal(console, TAIL, Map.of())).isEqualTo(503);
    wait(open.get(0).close());
    await().ignoreExceptions().until(() -> !open(console, TAIL, Map.of()).isClosed());
  }

  private static <T> T wait(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }
}
