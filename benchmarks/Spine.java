import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Measures the whole path of `tocsin up`: start-up (fresh and again), memory and CPU when idle, and
 * the delay from an OTLP export to the alert event and to the Slack call.
 *
 * <p>Run from the checkout, after `./tocsin version` has built it: {@code java benchmarks/Spine.java
 * [ROUNDS]}. Everything stays on loopback; the data directory is temporary. Needs Linux (/proc).
 */
public final class Spine {
  private static final int OFFSET = 20_000;
  private static final int SETTLE_SECONDS = 30;
  private static final Pattern STARTS_AT = Pattern.compile("\"startsAt\":\"([^\"]+)\"");
  private static final Pattern INCIDENT_ID = Pattern.compile("\"id\":(\\d+)");

  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<String, CompletableFuture<Instant>> paged = new ConcurrentHashMap<>();
  private final Path directory;
  private final Path config;

  private Spine(Path directory, int slackPort) throws IOException {
    this.directory = directory;
    Path rules =
        Files.writeString(
            directory.resolve("rules.yml"),
            """
            groups:
            - name: bench
              interval: 1s
              rules:
              - alert: bench_error
                expr: sum by (service_name) (rate(traces_span_metrics_calls_total{service_name=~"bench-.*",status_code="STATUS_CODE_ERROR"}[10s])) > 0
                labels: {severity: critical}
                annotations: {summary: "{{ $labels.service_name }} fails"}
            """);
    this.config =
        Files.writeString(
            directory.resolve("tocsin.toml"),
            """
            [alert]
            rule_files = ["%s"]
            [slack]
            webhook_url = "http://127.0.0.1:%d/slack"
            [outbound]
            allow_hosts = ["127.0.0.1"]
            """
                .formatted(rules, slackPort));
  }

  public static void main(String[] args) throws Exception {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 30;
    Path directory = Files.createTempDirectory("tocsin-bench");
    HttpServer slack = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    Spine spine = new Spine(directory, slack.getAddress().getPort());
    slack.createContext(
        "/slack",
        exchange -> {
          String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          Instant now = Instant.now();
          spine.paged.forEach(
              (service, page) -> {
                if (body.contains(service)) {
                  page.complete(now);
                }
              });
          byte[] ok = "ok".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, ok.length);
          exchange.getResponseBody().write(ok);
          exchange.close();
        });
    slack.start();
    try {
      spine.run(rounds);
    } finally {
      slack.stop(0);
      delete(directory);
    }
  }

  private void run(int rounds) throws Exception {
    Process first = up("first start (fresh data directory)");
    stop(first);
    Process up = up("second start");
    TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
    idle(up, Duration.ofSeconds(60));
    try {
      delays(rounds);
    } finally {
      stop(up);
    }
  }

  private Process up(String what) throws Exception {
    long began = System.nanoTime();
    Process process =
        new ProcessBuilder(
                "./tocsin", "up",
                "--data-dir", directory.resolve("data").toString(),
                "--port-offset", Integer.toString(OFFSET),
                "--config", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("up.log").toFile()))
            .start();
    while (!isReady()) {
      if (!process.isAlive()) {
        throw new IllegalStateException(Files.readString(directory.resolve("up.log")));
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
    System.out.printf("%-45s %6.1f s%n", what + ", ready after", (System.nanoTime() - began) / 1e9);
    return process;
  }

  private boolean isReady() {
    return Stream.of(8081, 8082, 8083, 8084).allMatch(port -> status(port, "/ready") == 200);
  }

  private int status(int port, String path) {
    try {
      return http.send(
              HttpRequest.newBuilder(uri(port, path)).timeout(Duration.ofSeconds(2)).build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static URI uri(int port, String path) {
    return URI.create("http://127.0.0.1:" + (port + OFFSET) + path);
  }

  private void stop(Process process) throws Exception {
    long began = System.nanoTime();
    process.toHandle().destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("tocsin up did not stop within 60 s");
    }
    System.out.printf("%-45s %6.1f s%n", "stopped after", (System.nanoTime() - began) / 1e9);
  }

  private void idle(Process up, Duration window) throws Exception {
    List<ProcessHandle> all = processes(up).toList();
    double[] before = all.stream().mapToDouble(Spine::cpuSeconds).toArray();
    TimeUnit.MILLISECONDS.sleep(window.toMillis());
    double sum = 0;
    double[] small = new double[2];
    for (int i = 0; i < all.size(); i++) {
      ProcessHandle process = all.get(i);
      double percent = (cpuSeconds(process) - before[i]) / window.toSeconds() * 100;
      long memory = memoryMib(process, "Pss");
      sum += percent;
      if (memory >= 20) {
        print(name(process), percent, memory);
      } else {
        small[0] += percent;
        small[1] += memory;
      }
    }
    print("the other processes", small[0], (long) small[1]);
    long pss = all.stream().mapToLong(p -> memoryMib(p, "Pss")).sum();
    print("idle over " + window.toSeconds() + " s, in all", sum, pss);
  }

  private static void print(String what, double percent, long memoryMib) {
    System.out.printf("%-45s %6.1f %% of a core %6d MiB%n", what, percent, memoryMib);
  }

  private static String name(ProcessHandle process) {
    String line = process.info().commandLine().orElse("?");
    return line.replaceAll("^\\S*/|\\s.*", "") + " " + line.replaceAll("^.*?(dev\\.tocsin\\S*).*$", "$1").replaceAll("\\s.*", "");
  }

  private static Stream<ProcessHandle> processes(Process up) {
    return Stream.concat(Stream.of(up.toHandle()), up.descendants())
        .sorted(Comparator.comparingLong(ProcessHandle::pid));
  }

  private static long memoryMib(ProcessHandle process, String field) {
    try (Stream<String> lines =
        Files.lines(Path.of("/proc/" + process.pid() + "/smaps_rollup"))) {
      return lines
          .filter(line -> line.startsWith(field + ":"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) / 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException | UncheckedIOException gone) {
      return 0;
    }
  }

  private static double cpuSeconds(ProcessHandle process) {
    try {
      String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
    } catch (IOException gone) {
      return 0;
    }
  }

  private void delays(int rounds) throws Exception {
    List<Double> accepted = new ArrayList<>();
    List<Double> alerted = new ArrayList<>();
    List<Double> called = new ArrayList<>();
    Random random = new Random(42);
    for (int round = -5; round < rounds; round++) {
      String service = "bench-%03d-x".formatted(round + 5);
      CompletableFuture<Instant> page = new CompletableFuture<>();
      paged.put(service, page);
      // Each round pages once and resolves once; Slack takes a message a second.
      TimeUnit.MILLISECONDS.sleep(2500 + random.nextInt(1000));
      Instant sent = Instant.now();
      export(service, random);
      Instant answered = Instant.now();
      Instant slack = page.get(60, TimeUnit.SECONDS);
      Instant fired = firedAt(service);
      if (round >= 0) {
        accepted.add(millis(sent, answered));
        alerted.add(millis(sent, fired));
        called.add(millis(sent, slack));
      }
    }
    print("export -> answered (in Kafka)", accepted);
    print("export -> alert fires (evaluation time)", alerted);
    print("export -> Slack is called", called);
  }

  private void export(String service, Random random) throws Exception {
    long now = System.currentTimeMillis() * 1_000_000;
    String body =
        """
        {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"%s"}}]},
         "scopeSpans":[{"spans":[{"traceId":"%016x%016x","spanId":"%016x","name":"GET /","kind":2,
         "startTimeUnixNano":"%d","endTimeUnixNano":"%d","status":{"code":2}}]}]}]}
        """
            .formatted(
                service, random.nextLong() | 1, random.nextLong(), random.nextLong() | 1,
                now - 5_000_000, now);
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(uri(4318, "/v1/traces"))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(answer.statusCode() + " " + answer.body());
    }
  }

  /** The alert's own time, from the newest incident, which is about the service. */
  private Instant firedAt(String service) throws Exception {
    String incident = get(8084, "/api/v1/incidents/" + newestIncident());
    Matcher matcher = STARTS_AT.matcher(incident);
    if (!incident.contains(service) || !matcher.find()) {
      throw new IllegalStateException("no incident of " + service + ": " + incident);
    }
    return Instant.parse(matcher.group(1));
  }

  private String newestIncident() throws Exception {
    Matcher id = INCIDENT_ID.matcher(get(8084, "/api/v1/incidents?limit=1"));
    return id.find() ? id.group(1) : "0";
  }

  private String get(int port, String path) throws Exception {
    return http.send(
            HttpRequest.newBuilder(uri(port, path)).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static double millis(Instant from, Instant to) {
    return Duration.between(from, to).toNanos() / 1e6;
  }

  private static void print(String what, List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    System.out.printf(
        "%-45s p50 %5.0f ms  p90 %5.0f ms  max %5.0f ms  (%d rounds)%n",
        what,
        sorted[sorted.length / 2],
        sorted[(int) (sorted.length * 0.9)],
        Arrays.stream(sorted).max().orElse(0),
        sorted.length);
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
