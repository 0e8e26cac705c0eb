package dev.tocsin.storage.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.storage.ports.LogReader.StoredLog;
import dev.tocsin.testkit.WebSocketTexts;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LogTailSessionTest {
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    wait(vertx.close());
  }

  private static <T> T wait(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private static StoredLog log(int i) {
    return new StoredLog(
        i,
        "cart",
        "line " + i,
        LogRecord.getDefaultInstance(),
        ResourceLogs.getDefaultInstance(),
        ScopeLogs.getDefaultInstance(),
        false);
  }

  @Test
  void recordsBeyondTheBuffer_areDroppedAndCounted() throws Exception {
    LogTailSession session = new LogTailSession(vertx);
    // Nobody takes them yet: what fits waits.
    session.records(IntStream.range(0, 800).mapToObj(LogTailSessionTest::log).toList());
    session.records(IntStream.range(800, 1_700).mapToObj(LogTailSessionTest::log).toList());
    HttpServer server =
        wait(
            vertx
                .createHttpServer()
                .requestHandler(request -> request.toWebSocket().onSuccess(session::open))
                .listen(0, "127.0.0.1"));
    ConcurrentLinkedQueue<JsonObject> messages = new ConcurrentLinkedQueue<>();
    // The JDK's client: Vert.x's own gives up when frames come right behind the handshake.
    WebSocket client =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(
                URI.create("ws://127.0.0.1:" + server.actualPort() + "/"),
                new WebSocketTexts(text -> messages.add(new JsonObject(text))))
            .get(30, TimeUnit.SECONDS);
    await().atMost(Duration.ofSeconds(30)).until(() -> records(messages) == 1_000);
    assertThat(messages.stream().mapToLong(each -> each.getLong("dropped")).sum()).isEqualTo(700);
    messages.forEach(message -> ApiSchemas.assertValid("LogTailMessage", message));

    session.records(List.of(log(1_700)));
    await().atMost(Duration.ofSeconds(30)).until(() -> records(messages) == 1_001);
    session.close();
    client.abort();
  }

  private static int records(Iterable<JsonObject> messages) {
    int count = 0;
    for (JsonObject message : messages) {
      count += message.getJsonArray("logs").size();
    }
    return count;
  }
}
