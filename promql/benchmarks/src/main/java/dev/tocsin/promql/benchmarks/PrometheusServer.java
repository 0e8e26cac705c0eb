package dev.tocsin.promql.benchmarks;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A Prometheus of one core on loopback that holds the data set in its blocks. Its files lie in a
 * temporary folder and go when it is closed.
 */
final class PrometheusServer implements AutoCloseable {
  private static final Pattern EVALUATION = Pattern.compile("\"evalTotalTime\":([0-9.eE+-]+)");
  private static final int READY_TRIES = 600;

  /** What one query took: evaluation by Prometheus's own clock, CPU of the whole process. */
  record Cost(double evaluationMillis, double cpuMillis) {}

  private final Path folder;
  private final Process process;
  private final int port;
  private final HttpClient client = HttpClient.newHttpClient();

  private PrometheusServer(Path folder, Process process, int port) {
    this.folder = folder;
    this.process = process;
    this.port = port;
  }

  /** Null, with the reason on standard error, where the binaries are not installed. */
  static @Nullable PrometheusServer startWhereInstalled() throws IOException, InterruptedException {
    Path prometheus = find("prometheus");
    Path promtool = find("promtool");
    if (prometheus == null || promtool == null) {
      System.err.println("no prometheus and promtool on the search path: only our own times");
      return null;
    }
    Path folder = Files.createTempDirectory("promql-benchmark");
    try {
      return start(prometheus, promtool, folder);
    } catch (IOException | InterruptedException e) {
      delete(folder);
      throw e;
    }
  }

  private static @Nullable Path find(String name) {
    for (String folder : System.getenv().getOrDefault("PATH", "").split(":")) {
      Path file = Path.of(folder, name);
      if (Files.isExecutable(file)) {
        return file;
      }
    }
    return null;
  }

  private static PrometheusServer start(Path prometheus, Path promtool, Path folder)
      throws IOException, InterruptedException {
    Path samples = folder.resolve("samples.om");
    try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(samples))) {
      OpenMetricsExport.write(out);
    }
    Path data = Files.createDirectory(folder.resolve("data"));
    Path log = folder.resolve("log");
    List<String> blocks =
        List.of(
            promtool.toString(),
            "tsdb",
            "create-blocks-from",
            "openmetrics",
            samples.toString(),
            data.toString());
    if (new ProcessBuilder(blocks)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor()
        != 0) {
      throw new IOException("promtool failed: " + Files.readString(log));
    }
    Path config = Files.writeString(folder.resolve("prometheus.yml"), "global: {}\n");
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    ProcessBuilder builder =
        new ProcessBuilder(
            prometheus.toString(),
            "--config.file=" + config,
            "--storage.tsdb.path=" + data,
            "--storage.tsdb.retention.time=100y",
            "--web.listen-address=127.0.0.1:" + port,
            "--log.level=error");
    builder.environment().put("GOMAXPROCS", "1");
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    PrometheusServer server = new PrometheusServer(folder, process, port);
    server.awaitReady();
    return server;
  }

  private void awaitReady() throws IOException, InterruptedException {
    for (int i = 0; i < READY_TRIES && process.isAlive(); i++) {
      try {
        if (get("/-/ready").statusCode() == 200) {
          return;
        }
      } catch (IOException notYet) {
        // The port opens only when the storage is.
      }
      Thread.sleep(100);
    }
    close();
    throw new IOException("Prometheus did not get ready");
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofMinutes(1))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  Cost range(String query, long startMs, long endMs, long stepMs)
      throws IOException, InterruptedException {
    String path =
        "/api/v1/query_range?stats=all&query="
            + URLEncoder.encode(query, StandardCharsets.UTF_8)
            + ("&start=" + startMs / 1000 + "&end=" + endMs / 1000 + "&step=" + stepMs / 1000);
    double before = cpuMillis();
    String body = get(path).body();
    double cpu = cpuMillis() - before;
    Matcher evaluation = EVALUATION.matcher(body);
    if (!body.startsWith("{\"status\":\"success\"") || !evaluation.find()) {
      throw new IOException(query + ": " + body.substring(0, Math.min(200, body.length())));
    }
    return new Cost(Double.parseDouble(evaluation.group(1)) * 1000, cpu);
  }

  /** In steps of the kernel's clock, usually 10 ms. */
  private double cpuMillis() {
    return process.info().totalCpuDuration().map(time -> time.toNanos() / 1e6).orElse(Double.NaN);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      delete(folder);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      System.err.println("left behind: " + folder + ": " + e.getMessage());
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
