package dev.tocsin.storage;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A Prometheus on loopback that takes remote writes; it ends with the test. */
final class PrometheusBinary implements AutoCloseable {
  private final Process process;
  private final URI base;
  private final HttpClient client = HttpClient.newHttpClient();

  private PrometheusBinary(Process process, int port) {
    this.process = process;
    this.base = URI.create("http://127.0.0.1:" + port);
  }

  static PrometheusBinary start(Path program, Path work) throws IOException {
    Path config = Files.writeString(work.resolve("prometheus.yml"), "global: {}\n");
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Process process =
        new ProcessBuilder(
                program.toString(),
                "--config.file=" + config,
                "--storage.tsdb.path=" + work.resolve("data"),
                "--web.enable-remote-write-receiver",
                "--web.listen-address=127.0.0.1:" + port,
                "--log.level=error")
            .redirectErrorStream(true)
            .redirectOutput(work.resolve("prometheus.log").toFile())
            .start();
    PrometheusBinary started = new PrometheusBinary(process, port);
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .until(() -> started.get("/-/ready").statusCode() == 200);
    return started;
  }

  HttpResponse<String> get(String path) {
    try {
      return client.send(
          HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(30)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new IllegalStateException(path + ": " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /**
   * Stores series by remote write 1.0.
   *
   * @param series labels to values by time in milliseconds
   */
  void write(Map<SortedMap<String, String>, SortedMap<Long, Double>> series)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve("/api/v1/write"))
            .header("Content-Encoding", "snappy")
            .header("Content-Type", "application/x-protobuf")
            .header("X-Prometheus-Remote-Write-Version", "0.1.0")
            .POST(HttpRequest.BodyPublishers.ofByteArray(snappy(message(series))))
            .build();
    HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() / 100 != 2) {
      throw new IOException("remote write: " + response.statusCode() + " " + response.body());
    }
  }

  /** WriteRequest {TimeSeries 1 {Label 1 {name 1, value 2}, Sample 2 {value 1, timestamp 2}}}. */
  private static byte[] message(Map<SortedMap<String, String>, SortedMap<Long, Double>> series)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    for (Map.Entry<SortedMap<String, String>, SortedMap<Long, Double>> each : series.entrySet()) {
      ByteArrayOutputStream one = new ByteArrayOutputStream();
      CodedOutputStream timeSeries = CodedOutputStream.newInstance(one);
      for (Map.Entry<String, String> label : each.getKey().entrySet()) {
        ByteArrayOutputStream pair = new ByteArrayOutputStream();
        CodedOutputStream fields = CodedOutputStream.newInstance(pair);
        fields.writeString(1, label.getKey());
        fields.writeString(2, label.getValue());
        fields.flush();
        timeSeries.writeBytes(1, ByteString.copyFrom(pair.toByteArray()));
      }
      for (Map.Entry<Long, Double> sample : each.getValue().entrySet()) {
        ByteArrayOutputStream point = new ByteArrayOutputStream();
        CodedOutputStream fields = CodedOutputStream.newInstance(point);
        fields.writeDouble(1, sample.getValue());
        fields.writeInt64(2, sample.getKey());
        fields.flush();
        timeSeries.writeBytes(2, ByteString.copyFrom(point.toByteArray()));
      }
      timeSeries.flush();
      out.writeBytes(1, ByteString.copyFrom(one.toByteArray()));
    }
    out.flush();
    return bytes.toByteArray();
  }

  /** Snappy's block format with nothing compressed: length, then one literal. */
  private static byte[] snappy(byte[] plain) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CodedOutputStream length = CodedOutputStream.newInstance(out);
    length.writeUInt32NoTag(plain.length);
    length.flush();
    out.write(63 << 2);
    for (int shift = 0; shift < 32; shift += 8) {
      out.write((plain.length - 1) >>> shift);
    }
    out.write(plain);
    return out.toByteArray();
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
