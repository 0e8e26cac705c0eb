package dev.tocsin.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.otlp.wire.Signal;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.otel.Collector;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An OpenTelemetry Collector before and behind Kafka: it exports to us in every protocol and
 * encoding it knows and we do, its Kafka receiver reads our topics, and what its Kafka exporter
 * writes there is what we write.
 */
class CollectorIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String TO_KAFKA = "kafka";

  @TempDir private static Path directory;
  private static final Map<String, Integer> ports = new HashMap<>();
  private static RunningIngest ingest;
  private static Collector collector;

  @BeforeAll
  static void start() throws Exception {
    ingest = RunningIngest.start(Backends.kafka(), Map.of());
    collector = Collector.start(directory, configuration());
  }

  @AfterAll
  static void stop() {
    if (collector != null) {
      collector.close();
    }
    if (ingest != null) {
      ingest.close();
    }
  }

  @Test
  void everyItem_isInKafkaAsItWas_whateverProtocolAndEncodingTheCollectorExports() {
    List<CollectorRoute> routes = CollectorRoute.ALL;
    String prefix = Backends.uniqueName("collector");
    SoftAssertions.assertSoftly(
        softly -> {
          for (CollectorRoute route : routes) {
            softly
                .assertThatCode(() -> send(ports.get(route.name()), prefix + route.name()))
                .as(route.name())
                .doesNotThrowAnyException();
          }
        });
    for (Signal signal : Item.SIGNALS) {
      List<Item> stored = Item.stored(signal);
      for (CollectorRoute route : routes) {
        String service = prefix + route.name();
        assertThat(stored.stream().filter(item -> item.isFrom(service)))
            .as("%s through %s", signal, route.name())
            .containsExactlyInAnyOrderElementsOf(rich(signal, service));
      }
    }
  }

  @Test
  void topics_areReadByTheCollectorsKafkaReceiver() throws Exception {
    String service = Backends.uniqueName("to-collector");
    send(ingest.port(ingest.grpc()), service);
    for (Signal signal : Item.SIGNALS) {
      List<Item> expected = rich(signal, service);
      await().atMost(PATIENCE).until(() -> read(signal, service).size() >= expected.size());
      assertThat(read(signal, service)).containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  @Test
  void recordsOfTheCollectorsKafkaExporter_areWhatOursAre() throws Exception {
    String service = Backends.uniqueName("from-collector");
    send(ports.get(TO_KAFKA), service);
    for (Signal signal : Item.SIGNALS) {
      assertThat(Item.stored(signal, service))
          .containsExactlyInAnyOrderElementsOf(rich(signal, service));
    }
  }

  /** All three signals, to an OTLP receiver over gRPC. */
  private static void send(int port, String service) throws Exception {
    try (GrpcClient client = new GrpcClient("127.0.0.1:" + port)) {
      for (Signal signal : Item.SIGNALS) {
        byte[] answer =
            client.call(GrpcClient.method(signal), RichOtlp.request(signal, service).toByteArray());
        // The Collector sets an empty partial success; its fields are the same in each signal.
        assertThat(ExportTraceServiceResponse.parseFrom(answer).getPartialSuccess())
            .isEqualTo(ExportTracePartialSuccess.getDefaultInstance());
      }
    }
  }

  private static List<Item> rich(Signal signal, String service) {
    return Item.of(signal, List.of(RichOtlp.request(signal, service).toByteArray()));
  }

  /** What the file exporter has written: messages, each after its length in four bytes. */
  private static List<Item> read(Signal signal, String service) throws IOException {
    Path file = directory.resolve(signal.label());
    byte[] content = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
    List<byte[]> messages = new ArrayList<>();
    try (var in = new DataInputStream(new ByteArrayInputStream(content))) {
      while (in.available() >= Integer.BYTES) {
        byte[] message = new byte[in.readInt()];
        if (in.read(message) == message.length) {
          messages.add(message);
        }
      }
    }
    return Item.of(signal, messages).stream().filter(item -> item.isFrom(service)).toList();
  }

  /** A pipeline from an own OTLP receiver for each route, one to Kafka, one from Kafka to files. */
  private static String configuration() throws IOException {
    StringBuilder receivers = new StringBuilder();
    StringBuilder exporters = new StringBuilder();
    StringBuilder pipelines = new StringBuilder();
    List<CollectorRoute> routes = CollectorRoute.ALL;
    for (CollectorRoute route : routes) {
      receivers.append(receiver(route.name()));
      exporters.append(route.exporter(ingest));
      for (Signal signal : Item.SIGNALS) {
        pipelines.append(pipeline(signal, route.name(), "otlp/" + route.name(), route.component()));
      }
    }
    receivers.append(receiver(TO_KAFKA)).append(kafkaReceiver());
    exporters.append(kafkaExporter());
    for (Signal signal : Item.SIGNALS) {
      exporters.append(fileExporter(signal));
      pipelines.append(pipeline(signal, TO_KAFKA, "otlp/" + TO_KAFKA, "kafka"));
      pipelines.append(pipeline(signal, "file", "kafka", "file/" + signal.label()));
    }
    return "receivers:\n%sexporters:\n%sservice:\n  pipelines:\n%s"
        .formatted(receivers, exporters, pipelines);
  }

  private static String receiver(String name) throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      ports.put(name, free.getLocalPort());
    }
    return "  otlp/%s: {protocols: {grpc: {endpoint: '127.0.0.1:%d'}}}\n"
        .formatted(name, ports.get(name));
  }

  private static String kafkaReceiver() {
    return "  kafka: {brokers: ['%s'], group_id: %s, initial_offset: earliest}\n"
        .formatted(Backends.kafka(), Backends.uniqueName("collector"));
  }

  /** Queue and retries off, so that what we answer is what the sender is told. */
  private static String kafkaExporter() {
    return "  kafka: {brokers: ['%s'], sending_queue: {enabled: false}, retry_on_failure: {enabled: false}}\n"
        .formatted(Backends.kafka());
  }

  private static String fileExporter(Signal signal) {
    return "  file/%s: {path: '%s', format: proto, flush_interval: 100ms}\n"
        .formatted(signal.label(), directory.resolve(signal.label()));
  }

  private static String pipeline(Signal signal, String name, String receiver, String exporter) {
    return "    %s/%s: {receivers: [%s], exporters: [%s]}\n"
        .formatted(signal.label(), name, receiver, exporter);
  }
}
