package dev.tocsin.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A real HTTP server on the loopback that stands for Slack, PagerDuty or any webhook: it records
 * what it is sent and answers by script.
 *
 * <p>Answers given with {@link #respondNext} are used once each, in order; then {@link
 * #respondAlways} applies, at first {@code 200 ok}. Requests are served concurrently and recorded
 * when their body has been read, before they are answered. All methods may be called from any
 * thread; the awaiting ones block.
 */
public final class HttpSink implements AutoCloseable {

  /** What to answer: after a delay, a status, headers, a body. */
  public record Response(int status, Map<String, String> headers, String body, Duration delay) {
    public Response {
      headers = Map.copyOf(headers);
    }

    public static Response of(int status) {
      return new Response(status, Map.of(), "", Duration.ZERO);
    }

    public static Response of(int status, String body) {
      return new Response(status, Map.of(), body, Duration.ZERO);
    }

    public Response withHeader(String name, String value) {
      Map<String, String> more = new HashMap<>(headers);
      more.put(name, value);
      return new Response(status, more, body, delay);
    }

    public Response after(Duration value) {
      return new Response(status, headers, body, value);
    }
  }

  private final HttpServer server;
  private final ExecutorService workers;
  private final Object lock = new Object();
  private final List<RecordedRequest> requests = new ArrayList<>();
  private final Deque<Response> script = new ArrayDeque<>();
  private Response always = Response.of(200, "ok");

  private HttpSink(HttpServer server, ExecutorService workers) {
    this.server = server;
    this.workers = workers;
  }

  /** Starts on a free port. */
  public static HttpSink start() {
    return start(0);
  }

  /** Starts on the given port, for a receiver that comes back. */
  public static HttpSink start(int port) {
    try {
      InetAddress loopback = InetAddress.getByAddress("127.0.0.1", new byte[] {127, 0, 0, 1});
      HttpServer server = HttpServer.create(new InetSocketAddress(loopback, port), 0);
      ExecutorService workers =
          Executors.newCachedThreadPool(
              task -> {
                Thread thread = new Thread(task, "http-sink");
                thread.setDaemon(true);
                return thread;
              });
      HttpSink sink = new HttpSink(server, workers);
      server.setExecutor(workers);
      server.createContext("/", sink::serve);
      server.start();
      return sink;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return server.getAddress().getPort();
  }

  /** {@code http://127.0.0.1:port} followed by the given path. */
  public URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }

  /** Adds answers, each used once. */
  public void respondNext(Response... responses) {
    synchronized (lock) {
      script.addAll(List.of(responses));
    }
  }

  /** Sets the answer for when the script is used up. */
  public void respondAlways(Response response) {
    synchronized (lock) {
      always = response;
    }
  }

  /** What was received so far, oldest first. */
  public List<RecordedRequest> requests() {
    synchronized (lock) {
      return List.copyOf(requests);
    }
  }

  /** Forgets the recorded requests, not the script. */
  public void clear() {
    synchronized (lock) {
      requests.clear();
    }
  }

  /** The first recorded request that matches, past ones included. */
  public RecordedRequest awaitRequest(Predicate<RecordedRequest> wanted, Duration limit) {
    return await(1, wanted, limit).get(0);
  }

  /** The first request to this path, past ones included. */
  public RecordedRequest awaitRequest(String path, Duration limit) {
    return awaitRequest(request -> request.path().equals(path), limit);
  }

  /** All recorded requests, once there are at least so many. */
  public List<RecordedRequest> awaitRequests(int count, Duration limit) {
    return await(count, request -> true, limit);
  }

  @Override
  public void close() {
    server.stop(0);
    workers.shutdownNow();
  }

  private List<RecordedRequest> await(
      int count, Predicate<RecordedRequest> wanted, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    synchronized (lock) {
      while (true) {
        List<RecordedRequest> found = requests.stream().filter(wanted).toList();
        if (found.size() >= count) {
          return found;
        }
        long leftMs = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (leftMs <= 0) {
          throw new AssertionError(
              "%d of %d wanted requests after %d ms; received: %s"
                  .formatted(found.size(), count, limit.toMillis(), requests));
        }
        try {
          lock.wait(leftMs);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException("interrupted while awaiting a request", e);
        }
      }
    }
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      Response response = record(exchange, body);
      if (!response.delay().isZero()) {
        TimeUnit.NANOSECONDS.sleep(response.delay().toNanos());
      }
      response.headers().forEach(exchange.getResponseHeaders()::set);
      byte[] answer = response.body().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(response.status(), answer.length == 0 ? -1 : answer.length);
      if (answer.length > 0) {
        exchange.getResponseBody().write(answer);
      }
    } catch (InterruptedException e) {
      // Closed during a scripted delay: the client sees the connection end.
      Thread.currentThread().interrupt();
    }
  }

  private Response record(HttpExchange exchange, byte[] body) {
    Map<String, List<String>> headers = new HashMap<>();
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), List.copyOf(values)));
    String query = exchange.getRequestURI().getRawQuery();
    RecordedRequest request =
        new RecordedRequest(
            exchange.getRequestMethod(),
            exchange.getRequestURI().getPath(),
            query == null ? "" : query,
            headers,
            body);
    synchronized (lock) {
      requests.add(request);
      lock.notifyAll();
      Response next = script.poll();
      return next == null ? always : next;
    }
  }
}
