package dev.tocsin.testkit.otel;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A small HTTP program that the Java agent can instrument: a shop whose orders ask its own stock
 * over HTTP. It places three orders, one of which fails, and ends. Without the agent it does the
 * same and reports nothing.
 */
public final class ShopProgram {
  private static final int ORDERS = 3;

  private final HttpClient client = HttpClient.newHttpClient();
  private final HttpServer server;

  private ShopProgram(HttpServer server) {
    this.server = server;
  }

  public static void main(String[] args) throws Exception {
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    ShopProgram shop = new ShopProgram(HttpServer.create(anyPort, 0));
    ExecutorService threads = Executors.newFixedThreadPool(2);
    shop.server.setExecutor(threads);
    shop.server.createContext("/orders", shop::order);
    shop.server.createContext("/stock", shop::stock);
    shop.server.start();
    for (int order = 1; order <= ORDERS; order++) {
      shop.place(order);
    }
    shop.server.stop(0);
    threads.shutdown();
  }

  private void place(int order) throws Exception {
    Span span = GlobalOpenTelemetry.getTracer("shop").spanBuilder("place order").startSpan();
    span.setAttribute("order.id", order);
    span.addEvent("cart.checked", Attributes.of(AttributeKey.longKey("cart.size"), (long) order));
    int status = Context.current().with(span).wrap(() -> get("/orders?id=" + order)).call();
    if (status != 200) {
      span.recordException(new IllegalStateException("order " + order + ": " + status));
      span.setStatus(StatusCode.ERROR, "out of stock");
    }
    span.end();
  }

  private int get(String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).statusCode();
  }

  private void order(HttpExchange exchange) throws IOException {
    try {
      answer(exchange, get("/stock?" + exchange.getRequestURI().getQuery()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      answer(exchange, 503);
    }
  }

  private void stock(HttpExchange exchange) throws IOException {
    boolean last = exchange.getRequestURI().getQuery().equals("id=" + ORDERS);
    answer(exchange, last ? 500 : 200);
  }

  private static void answer(HttpExchange exchange, int status) throws IOException {
    byte[] body = "status %d%n".formatted(status).getBytes(UTF_8);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
