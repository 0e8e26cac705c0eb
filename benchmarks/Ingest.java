import dev.tocsin.app.bench.BenchCommand;
import dev.tocsin.embedded.EmbeddedKafka;
import dev.tocsin.embedded.KafkaOptions;
import io.vertx.core.json.JsonObject;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * Measures ingest-service: capacity, delay at half load, overload, a cold start, the other protocols
 * and signals. Kafka and the receiver are JVMs of their own; {@code tocsin bench}, the client, runs
 * in this one, so that it is compiled once. Started by {@code benchmarks/ingest}, which has the class
 * path; see there for the options.
 */
public final class Ingest {
  private static final String SERIAL = "-XX:+UseSerialGC";
  private static final int OVERLOAD_CONNECTIONS = 64;

  private final Path directory;
  private final Options options;
  private final HttpClient http = HttpClient.newHttpClient();
  private final String classPath = System.getProperty("java.class.path");

  /** What the command line said. */
  private record Options(int firstWarmUpSeconds, int warmUpSeconds, int seconds, Path collector, List<String> ingestJvm, boolean tracesOnly) {
    static Options of(List<String> args) {
      boolean quick = args.contains("--quick");
      String jvm = after(args, "--ingest-jvm");
      String collector = after(args, "--collector");
      for (String arg : args) {
        if (arg.startsWith("--") && !List.of("--quick", "--ingest-jvm", "--collector", "--gzip-only").contains(arg)) {
          throw new IllegalArgumentException(arg + " (expected: --quick, --gzip-only, --ingest-jvm OPTIONS, --collector PATH)");
        }
      }
      return new Options(
          // Not shown: compiling what matters takes about 10 CPU-seconds, which are the receiver's.
          quick ? 8 : 20,
          quick ? 2 : 3,
          quick ? 4 : 10,
          collector == null ? null : Path.of(collector),
          jvm == null ? List.of("-Xmx256m", SERIAL, "-XX:+ExitOnOutOfMemoryError") : List.of(jvm.trim().split("\\s+")),
          args.contains("--gzip-only"));
    }

    private static String after(List<String> args, String name) {
      int index = args.indexOf(name);
      return index < 0 || index + 1 >= args.size() ? null : args.get(index + 1);
    }
  }

  /** A receiver that is running. */
  private record Receiver(String name, Process process, int grpcPort, int httpPort) {}

  private Ingest(Path directory, Options options) {
    this.directory = directory;
    this.options = options;
  }

  public static void main(String[] args) throws Exception {
    Options options = Options.of(Arrays.asList(args));
    Path directory = Files.createTempDirectory("tocsin-bench");
    try (EmbeddedKafka kafka =
        EmbeddedKafka.start(KafkaOptions.in(directory.resolve("kafka")))) {
      new Ingest(directory, options).run(kafka);
    } finally {
      delete(directory);
    }
  }

  private void run(EmbeddedKafka kafka) throws Exception {
    System.out.printf(
        "%s, %d cores, Java %s, %s; ingest JVM: %s; %d s a row after %d s warm-up%n%n",
        cpuName(),
        Runtime.getRuntime().availableProcessors(),
        Runtime.version(),
        java.time.LocalDate.now(),
        String.join(" ", options.ingestJvm()),
        options.seconds(),
        options.warmUpSeconds());
    System.out.println(
        "                                                           CPU-s per million items    latency, ms                    RSS, MiB");
    System.out.println(
        "receiver   load                                  items/s   receiver broker client   avg    p50    p99   p99.9    before  max   remarks");
    Receiver ingest = startIngest(kafka);
    try {
      traces(kafka, ingest);
      if (!options.tracesOnly()) {
        others(kafka, ingest);
      }
    } finally {
      stop(ingest);
    }
    if (options.collector() != null) {
      Receiver collector = startCollector(kafka);
      try {
        traces(kafka, collector);
      } finally {
        stop(collector);
      }
    }
  }

  private void traces(EmbeddedKafka kafka, Receiver receiver) throws Exception {
    List<String> gzip = List.of("--compression", "gzip");
    List<String> none = List.of("--compression", "none");
    bench(kafka, receiver, "", options.firstWarmUpSeconds() * 1_000, gzip, 0, Ingest::silent);
    double capacity = bench(kafka, receiver, "traces gRPC gzip, capacity", gzip, 0, r -> "");
    bench(kafka, receiver, "traces gRPC gzip, half load", gzip, capacity / 2, Ingest::kept);
    bench(
        kafka,
        receiver,
        "traces gRPC gzip, 3 x capacity",
        overloaded("gzip"),
        3 * capacity,
        r -> goodput(r, capacity));
    if (!options.tracesOnly()) {
      double plain = bench(kafka, receiver, "traces gRPC uncompressed, capacity", none, 0, r -> "");
      bench(kafka, receiver, "traces gRPC uncompressed, half load", none, plain / 2, Ingest::kept);
      bench(
          kafka,
          receiver,
          "traces gRPC uncompressed, 3 x capacity",
          overloaded("none"),
          3 * plain,
          r -> goodput(r, plain));
    }
    stop(receiver);
    Receiver cold =
        receiver.name().equals("ingest") ? startIngest(kafka) : startCollector(kafka);
    try {
      bench(
          kafka,
          cold,
          "traces gRPC gzip, 35 %, cold start",
          0,
          gzip,
          0.35 * capacity,
          Ingest::kept);
    } finally {
      stop(cold);
    }
  }

  private void others(EmbeddedKafka kafka, Receiver gone) throws Exception {
    Receiver ingest = startIngest(kafka);
    try {
      List<String> protobuf = List.of("--protocol", "http/protobuf", "--compression", "gzip");
      bench(kafka, ingest, "", options.firstWarmUpSeconds() * 1_000, protobuf, 0, Ingest::silent);
      bench(kafka, ingest, "traces HTTP/protobuf gzip, capacity", protobuf, 0, r -> "");
      bench(kafka, ingest, "traces HTTP/JSON uncompressed, capacity", List.of("--protocol", "http/json", "--compression", "none"), 0, r -> "");
      bench(kafka, ingest, "metrics gRPC gzip, capacity", List.of("--signal", "metrics"), 0, r -> "");
      bench(kafka, ingest, "logs gRPC gzip, capacity", List.of("--signal", "logs"), 0, r -> "");
    } finally {
      stop(ingest);
    }
  }

  /** The last column. */
  private interface Remark {
    String of(JsonObject report);
  }

  /** More in flight than the receiver has memory for. */
  private static List<String> overloaded(String compression) {
    return List.of(
        "--compression", compression,
        "--connections", Integer.toString(OVERLOAD_CONNECTIONS),
        "--in-flight", "16");
  }

  private static String goodput(JsonObject report, double capacity) {
    return "goodput %.0f %% of capacity".formatted(100 * report.getDouble("itemsPerSecond") / capacity);
  }

  private static String silent(JsonObject report) {
    return null;
  }

  private static String kept(JsonObject report) {
    double due = report.getJsonObject("options").getDouble("rate");
    return "%.1f %% of %,.0f/s due".formatted(100 * report.getDouble("itemsPerSecond") / due, due);
  }

  private double bench(
      EmbeddedKafka kafka, Receiver receiver, String name, List<String> args, double rate, Remark remark)
      throws Exception {
    return bench(kafka, receiver, name, options.warmUpSeconds() * 1_000, args, rate, remark);
  }

  /** Runs the client and prints its row; returns the items per second. */
  private double bench(
      EmbeddedKafka kafka,
      Receiver receiver,
      String name,
      int warmUpMs,
      List<String> args,
      double rate,
      Remark remark)
      throws Exception {
    boolean overHttp = args.stream().anyMatch(arg -> arg.startsWith("http/"));
    Path file = directory.resolve("report.json");
    Files.deleteIfExists(file);
    List<String> command = new ArrayList<>();
    command.add("http://127.0.0.1:" + (overHttp ? receiver.httpPort() : receiver.grpcPort()));
    command.addAll(args);
    command.addAll(
        List.of(
            "--warm-up", warmUpMs + "ms",
            "--duration", options.seconds() + "s",
            "--rate", String.format(Locale.ROOT, "%.0f", rate),
            "--errors-max", "100",
            "--process", "receiver=" + receiver.process().pid(),
            "--process", "broker=" + kafka.pid(),
            "--quiet", "--json", file.toString()));
    int code = new CommandLine(new BenchCommand()).execute(command.toArray(String[]::new));
    if (code != 0) {
      throw new IllegalStateException(name + ": exit code " + code + log(receiver));
    }
    if (!receiver.process().isAlive()) {
      throw new IllegalStateException(name + ": the receiver died" + log(receiver));
    }
    JsonObject report = new JsonObject(Files.readString(file));
    String last = remark.of(report);
    if (last != null) {
      print(receiver.name(), name, report, last);
    }
    return report.getDouble("itemsPerSecond");
  }

  private static void print(String receiver, String name, JsonObject report, String remark) {
    JsonObject latency = report.getJsonObject("latencyMs");
    JsonObject server = process(report, "receiver");
    StringBuilder problems = new StringBuilder(remark);
    report
        .getJsonObject("errors")
        .forEach(error -> problems.append("; ").append(error.getValue()).append(' ').append(error.getKey()));
    if (report.getLong("unsentRequests") > 0) {
      problems.append("; ").append(report.getLong("unsentRequests")).append(" late");
    }
    System.out.printf(
        Locale.ROOT,
        "%-10s %-36s %,9.0f  %7.3f %7.3f %7.3f %6.1f %6.1f %6.1f %7.1f  %6d %6d   %s%n",
        receiver,
        name,
        report.getDouble("itemsPerSecond"),
        cpu(server),
        cpu(process(report, "broker")),
        cpu(process(report, "bench")),
        latency.getDouble("mean"),
        latency.getDouble("p50"),
        latency.getDouble("p99"),
        latency.getDouble("p99.9"),
        server.getLong("rssBeforeBytes") >> 20,
        server.getLong("rssMaxBytes") >> 20,
        problems);
  }

  private static JsonObject process(JsonObject report, String name) {
    return report.getJsonArray("processes").stream()
        .map(JsonObject.class::cast)
        .filter(process -> process.getString("name").equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static double cpu(JsonObject process) {
    Double value = process.getDouble("cpuSecondsPerMillionItems");
    return value == null ? Double.NaN : value;
  }

  private Receiver startIngest(EmbeddedKafka kafka) throws Exception {
    int grpc = freePort();
    int otlpHttp = freePort();
    int admin = freePort();
    List<String> command = new ArrayList<>(java(options.ingestJvm().toArray(String[]::new)));
    command.add("dev.tocsin.ingest.service.IngestMain");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .putAll(
            Map.of(
                "MALLOC_ARENA_MAX", "2",
                "TOCSIN_KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers(),
                "TOCSIN_KAFKA_RETENTION_SIZE_PER_PARTITION", "256MiB",
                "TOCSIN_INGEST_GRPC_PORT", Integer.toString(grpc),
                "TOCSIN_INGEST_HTTP_PORT", Integer.toString(otlpHttp),
                "TOCSIN_INGEST_ADMIN_PORT", Integer.toString(admin)));
    Process process = start(builder, "ingest.log");
    awaitStatus(process, "http://127.0.0.1:" + admin + "/ready", "ingest.log");
    return new Receiver("ingest", process, grpc, otlpHttp);
  }

  /** An OpenTelemetry Collector that answers when Kafka has acknowledged, as we do. */
  private Receiver startCollector(EmbeddedKafka kafka) throws Exception {
    int grpc = freePort();
    int otlpHttp = freePort();
    Path config =
        Files.writeString(
            directory.resolve("collector.yaml"),
            """
            receivers:
              otlp:
                protocols:
                  grpc: {endpoint: "127.0.0.1:%d", max_recv_msg_size_mib: 64}
                  http: {endpoint: "127.0.0.1:%d"}
            exporters:
              kafka:
                brokers: ["%s"]
                traces: {topic: otlp_spans, encoding: otlp_proto}
                metrics: {topic: otlp_metrics, encoding: otlp_proto}
                logs: {topic: otlp_logs, encoding: otlp_proto}
                sending_queue: {enabled: false}
                retry_on_failure: {enabled: false}
                producer: {compression: lz4, required_acks: -1, max_message_bytes: 16000000}
            service:
              telemetry: {metrics: {level: none}}
              pipelines:
                traces: {receivers: [otlp], exporters: [kafka]}
                metrics: {receivers: [otlp], exporters: [kafka]}
                logs: {receivers: [otlp], exporters: [kafka]}
            """
                .formatted(grpc, otlpHttp, kafka.bootstrapServers()));
    ProcessBuilder builder =
        new ProcessBuilder(options.collector().toAbsolutePath().toString(), "--config", config.toString());
    Process process = start(builder, "collector.log");
    awaitStatus(process, "http://127.0.0.1:" + otlpHttp + "/", "collector.log");
    return new Receiver("collector", process, grpc, otlpHttp);
  }

  private Process start(ProcessBuilder builder, String log) throws IOException {
    return builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve(log).toFile()))
        .start();
  }

  /** Any answer to the collector's OTLP port means that it is there; ours says 200. */
  private void awaitStatus(Process process, String url, String log) throws Exception {
    for (int i = 0; i < 600; i++) {
      if (!process.isAlive()) {
        throw new IllegalStateException(Files.readString(directory.resolve(log)));
      }
      try {
        int status =
            http.send(
                    HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(2)).build(),
                    HttpResponse.BodyHandlers.discarding())
                .statusCode();
        if (status == 200 || status == 404) {
          return;
        }
      } catch (IOException notYet) {
        // Tried again below.
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
    throw new IllegalStateException("not ready after 30 s\n" + Files.readString(directory.resolve(log)));
  }

  private String log(Receiver receiver) throws IOException {
    return "\n" + Files.readString(directory.resolve(receiver.name() + ".log"));
  }

  private static void stop(Receiver receiver) throws InterruptedException {
    receiver.process().destroy();
    if (!receiver.process().waitFor(40, TimeUnit.SECONDS)) {
      receiver.process().destroyForcibly();
    }
  }

  private List<String> java(String... jvmOptions) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(jvmOptions));
    command.addAll(List.of("-XX:-UsePerfData", "-Xss512k", "-Djava.net.preferIPv4Stack=true", "-cp", classPath));
    return command;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static String cpuName() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 2))
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException e) {
      return System.getProperty("os.arch");
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
