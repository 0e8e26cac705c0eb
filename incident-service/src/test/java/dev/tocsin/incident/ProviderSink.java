package dev.tocsin.incident;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An HTTP provider on loopback that keeps what it gets and answers as told, 200 by default. */
public final class ProviderSink implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Received> received = new CopyOnWriteArrayList<>();
  private final Queue<Reply> script = new ArrayDeque<>();
  private volatile Reply standing = new Reply(200, "ok", Map.of());

  /** One request as it came. */
  public record Received(String path, String contentType, JsonObject body) {}

  /** An answer to give. */
  public record Reply(int status, String body, Map<String, String> headers) {}

  public ProviderSink() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  public String url(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  /** The next answers, in order; afterwards the standing one again. */
  public synchronized void script(Reply... replies) {
    script.addAll(List.of(replies));
  }

  public void standing(int status, String body) {
    standing = new Reply(status, body, Map.of());
  }

  public List<Received> received() {
    return List.copyOf(received);
  }

  public List<JsonObject> bodies(String path) {
    return received().stream().filter(r -> r.path().equals(path)).map(Received::body).toList();
  }

  private synchronized Reply next() {
    Reply scripted = script.poll();
    return scripted == null ? standing : scripted;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      Reply reply = next();
      received.add(
          new Received(
              exchange.getRequestURI().getPath(),
              exchange.getRequestHeaders().getFirst("content-type"),
              new JsonObject(body)));
      reply.headers().forEach(exchange.getResponseHeaders()::add);
      byte[] answer = reply.body().getBytes(UTF_8);
      exchange.sendResponseHeaders(reply.status(), answer.length == 0 ? -1 : answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
