package dev.tocsin.app.up;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.config.Settings;
import dev.tocsin.testkit.WebSocketTexts;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** {@code tocsin up} as people run it: a JVM of its own on the class path the launcher uses. */
final class RunningUp implements AutoCloseable {
  private static final Path CLASSES = Path.of("target", "classes");
  private static final Path LIBRARIES = Path.of("target", "lib");
  private static final Duration START_LIMIT = Duration.ofMinutes(3);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(70);
  private static final int PORT_ATTEMPTS = 50;

  private final HttpClient client = HttpClient.newHttpClient();
  private final PortPlan ports;
  private final Process process;
  private final List<String> lines = new ArrayList<>();
  private final Thread reader = new Thread(this::read, "up-output");
  private List<ProcessHandle> children = List.of();

  private RunningUp(PortPlan ports, Process process) {
    this.ports = ports;
    this.process = process;
    reader.setDaemon(true);
    reader.start();
  }

  /** An offset at which every port is free now. */
  static int freeOffset() {
    for (int i = 0; i < PORT_ATTEMPTS; i++) {
      int offset = ThreadLocalRandom.current().nextInt(1_000, 12_000);
      try {
        PortPlan.of(Settings.of(Map.of()), offset).requireFree();
        return offset;
      } catch (StartFailure taken) {
        // The next one.
      }
    }
    throw new IllegalStateException("no free ports after " + PORT_ATTEMPTS + " attempts");
  }

  /** Starts without waiting. */
  static RunningUp launch(Path dataDirectory, int offset, String... more) {
    assertThat(LIBRARIES)
        .as("the launcher's class path: build the module with mvn package first")
        .isDirectory();
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx320m",
                "-XX:TieredStopAtLevel=1",
                "-Djava.net.preferIPv4Stack=true",
                "-cp",
                CLASSES.toAbsolutePath() + File.pathSeparator + LIBRARIES.toAbsolutePath() + "/*",
                "dev.tocsin.app.Main",
                "up",
                "--data-dir",
                dataDirectory.toString(),
                "--port-offset",
                Integer.toString(offset)));
    command.addAll(List.of(more));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      return new RunningUp(PortPlan.of(Settings.of(Map.of()), offset), process);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts and waits for the table. */
  static RunningUp start(Path dataDirectory, int offset, String... more) throws Exception {
    RunningUp up = launch(dataDirectory, offset, more);
    try {
      up.awaitLine("Ctrl-C stops everything", START_LIMIT);
      up.children = up.process.descendants().toList();
      return up;
    } catch (Exception | AssertionError e) {
      up.close();
      throw e;
    }
  }

  private void read() {
    try (BufferedReader output = process.inputReader()) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        synchronized (lines) {
          lines.add(line);
        }
      }
    } catch (IOException e) {
      synchronized (lines) {
        lines.add("(output ended: " + e + ")");
      }
    }
  }

  /** All output so far. */
  String output() {
    synchronized (lines) {
      return String.join("\n", lines);
    }
  }

  /** Waits for a line that contains the text. */
  void awaitLine(String text, Duration limit) throws Exception {
    await(
        "the line '" + text + "'",
        limit,
        () -> {
          boolean there = output().contains(text);
          assertThat(there || process.isAlive()).as("ended early:\n%s", output()).isTrue();
          return there ? Optional.of(text) : Optional.empty();
        });
  }

  /** Asks until there is an answer; fails with the output of {@code up} when the time is over. */
  <T> T await(String what, Duration limit, Callable<Optional<T>> question) throws Exception {
    long end = System.nanoTime() + limit.toNanos();
    while (System.nanoTime() < end) {
      Optional<T> answer = question.call();
      if (answer.isPresent()) {
        return answer.get();
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    throw new AssertionError(what + " did not come in " + limit + ":\n" + output());
  }

  int port(String key) {
    return ports.port(key);
  }

  String url(String key, String path) {
    return "http://127.0.0.1:" + ports.port(key) + path;
  }

  HttpResponse<String> get(String key, String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(url(key, path))).build(), BodyHandlers.ofString());
  }

  /** As the console's page does it. */
  HttpResponse<String> post(String path, JsonObject body) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(url("console.port", path)))
            .header("content-type", "application/json")
            .header("origin", url("console.port", ""))
            .POST(BodyPublishers.ofString(body.encode()))
            .build(),
        BodyHandlers.ofString());
  }

  /** Sends a log record of now to ingest-service. */
  void sendLog(String service, String body) throws Exception {
    String nanos = System.currentTimeMillis() + "000000";
    String request =
        """
        {"resourceLogs": [{
          "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "%s"}}]},
          "scopeLogs": [{"logRecords": [
            {"timeUnixNano": "%s", "body": {"stringValue": "%s"}}]}]}]}
        """
            .formatted(service, nanos, body);
    HttpResponse<String> answer =
        client.send(
            HttpRequest.newBuilder(URI.create(url("ingest.http_port", "/v1/logs")))
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(request))
                .build(),
            BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  /** Opens a WebSocket through the console, as its page would. */
  Closeable tail(String path, Consumer<String> messages) {
    String console = url("console.port", "");
    WebSocket socket =
        client
            .newWebSocketBuilder()
            .header("origin", console)
            .buildAsync(
                URI.create(console.replace("http:", "ws:") + path), new WebSocketTexts(messages))
            .join();
    return socket::abort;
  }

  /** The trace as storage-service answers it, once it has at least that many spans. */
  JsonObject awaitTrace(String traceId, int spans) throws Exception {
    return await(
        "trace " + traceId + " with " + spans + " spans",
        Duration.ofSeconds(30),
        () -> {
          HttpResponse<String> answer = get("storage.port", "/api/v1/traces/" + traceId);
          return answer.statusCode() == 200
              ? Optional.of(new JsonObject(answer.body()))
                  .filter(trace -> spans(trace).count() >= spans)
              : Optional.empty();
        });
  }

  /** The spans of an OTLP/JSON body. */
  static Stream<JsonObject> spans(JsonObject otlp) {
    return objects(otlp.getJsonArray("resourceSpans"))
        .flatMap(resource -> objects(resource.getJsonArray("scopeSpans")))
        .flatMap(scope -> objects(scope.getJsonArray("spans")));
  }

  static Stream<JsonObject> objects(JsonArray array) {
    return array.stream().map(JsonObject.class::cast);
  }

  /**
   * Ctrl-C. Where this JVM was started with SIGINT ignored (in the background of a script), so are
   * its children, and TERM has to do.
   */
  void interrupt() throws Exception {
    signal(ignoresInterrupt() ? "TERM" : "INT");
  }

  private boolean ignoresInterrupt() throws IOException {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    if (!Files.exists(status)) {
      return false;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("SigIgn:"))
        .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
  }

  void signal(String name) throws Exception {
    int code =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    assertThat(code).isZero();
  }

  int awaitExit() throws Exception {
    boolean ended = process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    assertThat(ended).as("still running:\n%s", output()).isTrue();
    reader.join(STOP_LIMIT.toMillis());
    return process.exitValue();
  }

  /** Waits until none of the processes it had started is left. */
  void awaitNoOrphan() throws Exception {
    assertThat(children).as("Kafka and PostgreSQL").hasSizeGreaterThanOrEqualTo(2);
    await(
        "the end of " + children,
        Duration.ofSeconds(60),
        () ->
            children.stream().noneMatch(ProcessHandle::isAlive)
                ? Optional.of(true)
                : Optional.empty());
  }

  /** For the end of a test: in order if it can be had, else by force. */
  @Override
  public void close() {
    process.destroy();
    try {
      var unused = process.onExit().get(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
