package dev.tocsin.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.ingest.service.IngestConfig;
import dev.tocsin.ingest.service.IngestService;
import dev.tocsin.testkit.Backends;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Against the real ingest-service and Kafka: what the report says is what is in the topic. */
class BenchIT {
  private static final int SPANS_PER_TRACE = 8;

  private static Vertx vertx;
  private static IngestService ingest;

  @TempDir private Path directory;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
    Settings settings =
        Settings.of(
            Map.of(
                "kafka.bootstrap_servers", Backends.kafka(),
                "ingest.grpc_port", "0",
                "ingest.http_port", "0",
                "ingest.admin_port", "0"));
    IngestConfig config = IngestConfig.from(settings);
    settings.verify();
    ingest =
        IngestService.create(
            config, ServiceContext.create(vertx, "ingest-service", InstantSource.system()));
    await(ingest.start());
  }

  @AfterAll
  static void stop() {
    await(ingest.stop());
    await(vertx.close());
  }

  @Test
  void everyAcknowledgedSpan_isInKafka_overGrpc() throws Exception {
    JsonObject report = bench(grpc(), 11, "--compression", "none", "--rate", "5000");
    assertThat(spansOf(11)).isEqualTo(acknowledged(report)).isPositive();
    // 5,000 a second are due for a second, whatever the machine makes of them.
    assertThat(report.getLong("requests")).isEqualTo(50);
  }

  @Test
  void everyAcknowledgedSpan_isInKafka_overHttpJson_inAClosedLoop() throws Exception {
    JsonObject report =
        bench(
            ingest.endpoints().get("OTLP HTTP"),
            12,
            "--protocol",
            "http/json",
            "--compression",
            "gzip",
            "--unique",
            "--concurrency",
            "4");
    assertThat(spansOf(12)).isEqualTo(acknowledged(report)).isPositive();
  }

  @Test
  void bench_fails_whenNobodyListensOrAnArgumentIsWrong() {
    assertThat(run("http://127.0.0.1:1", "--duration", "100ms")).isEqualTo(1);
    assertThat(run(grpc(), "--signal", "smoke")).isEqualTo(2);
    assertThat(run(grpc(), "--duration", "12 parsecs")).isEqualTo(2);
  }

  private JsonObject bench(String endpoint, long seed, String... options) throws Exception {
    Path file = directory.resolve("report.json");
    List<String> args = new ArrayList<>(List.of(endpoint));
    args.addAll(
        List.of(
            "--quiet",
            "--json",
            file.toString(),
            "--warm-up",
            "500ms",
            "--duration",
            "1s",
            "--batch-size",
            "100",
            "--spans-per-trace",
            Integer.toString(SPANS_PER_TRACE),
            "--seed",
            Long.toString(seed),
            // A slow machine may be late; it may not lose or refuse anything.
            "--errors-max",
            "100"));
    args.addAll(List.of(options));
    assertThat(run(args.toArray(String[]::new))).isZero();
    JsonObject report = new JsonObject(Files.readString(file));
    assertThat(report.getJsonObject("errors")).isEmpty();
    return report;
  }

  private static int run(String... args) {
    return new CommandLine(new BenchCommand()).execute(args);
  }

  private static String grpc() {
    return "http://" + ingest.endpoints().get("OTLP gRPC");
  }

  private static long acknowledged(JsonObject report) {
    return report.getJsonObject("total").getLong("acknowledgedItems");
  }

  /** How many different spans of that run are in the topic. */
  private static long spansOf(long seed) throws InvalidProtocolBufferException {
    long run = RunIds.of(seed).runHalf();
    Set<Long> spans = new HashSet<>();
    for (byte[] value : readAll()) {
      ExportTraceServiceRequest.parseFrom(value).getResourceSpansList().stream()
          .flatMap(resource -> resource.getScopeSpansList().stream())
          .flatMap(scope -> scope.getSpansList().stream())
          .filter(span -> longAt(span, 8) == run)
          .forEach(span -> spans.add(span.getSpanId().asReadOnlyByteBuffer().getLong()));
    }
    return spans.size();
  }

  private static long longAt(Span span, int index) {
    ByteBuffer id = span.getTraceId().asReadOnlyByteBuffer();
    return id.remaining() < 16 ? 0 : id.getLong(index);
  }

  private static List<byte[]> readAll() {
    List<byte[]> values = new ArrayList<>();
    ByteArrayDeserializer bytes = new ByteArrayDeserializer();
    try (var consumer =
        new KafkaConsumer<>(Map.of("bootstrap.servers", Backends.kafka()), bytes, bytes)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topic.SPANS.name()).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        consumer.poll(Duration.ofMillis(100)).forEach(message -> values.add(message.value()));
      }
    }
    return values;
  }

  private static void await(Future<?> future) {
    future.toCompletionStage().toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
  }
}
