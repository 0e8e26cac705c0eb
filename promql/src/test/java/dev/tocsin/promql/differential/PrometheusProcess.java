package dev.tocsin.promql.differential;

import java.io.IOException;
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
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A Prometheus on loopback with samples imported into its storage; it ends with the test. */
final class PrometheusProcess implements AutoCloseable {
  private final Process process;
  private final int port;
  private final HttpClient client = HttpClient.newHttpClient();

  private PrometheusProcess(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** The binary on the search path, or null. */
  static @Nullable Path find(String name) {
    for (String folder : System.getenv().getOrDefault("PATH", "").split(":")) {
      Path file = Path.of(folder, name);
      if (Files.isExecutable(file)) {
        return file;
      }
    }
    return null;
  }

  static PrometheusProcess start(Path prometheus, Path promtool, Path work, String openMetrics)
      throws IOException, InterruptedException {
    Path samples = Files.writeString(work.resolve("samples.om"), openMetrics);
    Path data = Files.createDirectories(work.resolve("data"));
    run(
        promtool.toString(),
        "tsdb",
        "create-blocks-from",
        "openmetrics",
        samples.toString(),
        data.toString());
    Path config = Files.writeString(work.resolve("prometheus.yml"), "global: {}\n");
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Process process =
        new ProcessBuilder(
                prometheus.toString(),
                "--config.file=" + config,
                "--storage.tsdb.path=" + data,
                "--storage.tsdb.retention.time=100y",
                "--web.listen-address=127.0.0.1:" + port,
                "--log.level=error")
            .redirectErrorStream(true)
            .redirectOutput(work.resolve("prometheus.log").toFile())
            .start();
    PrometheusProcess started = new PrometheusProcess(process, port);
    started.awaitReady();
    return started;
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(List.of(command) + " failed: " + output);
    }
  }

  private void awaitReady() throws IOException, InterruptedException {
    for (int i = 0; i < 300; i++) {
      try {
        if (get("/-/ready").statusCode() == 200) {
          return;
        }
      } catch (IOException notYet) {
        // The port opens only when the storage is.
      }
      Thread.sleep(100);
    }
    throw new IOException("Prometheus was not ready within 30 s");
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(20))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  /** The body of a range query's answer. */
  String range(String query, long startMs, long endMs, long stepMs)
      throws IOException, InterruptedException {
    String encoded = URLEncoder.encode(query, StandardCharsets.UTF_8);
    return get("/api/v1/query_range?query="
            + encoded
            + "&start="
            + startMs / 1000.0
            + "&end="
            + endMs / 1000.0
            + "&step="
            + stepMs / 1000.0)
        .body();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
