package dev.tocsin.alert;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import dev.tocsin.alert.service.AlertConfig;
import dev.tocsin.alert.service.AlertService;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.AlertHeartbeat;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.common.telemetry.ProcessMetrics;
import dev.tocsin.embedded.EmbeddedKafka;
import dev.tocsin.testkit.Backends;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A Kafka of its own, services to start on it, telemetry to send and alert events to read. */
final class AlertBed implements AutoCloseable {
  /** Equal spans count once, so there are none. */
  private static final AtomicInteger MADE = new AtomicInteger();

  private final EmbeddedKafka kafka;
  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http = HttpClient.newHttpClient();
  private final KafkaProducer<byte[], byte[]> producer;
  private final ScheduledExecutorService traffic = Executors.newSingleThreadScheduledExecutor();

  AlertBed() {
    this(Backends.dedicatedKafka());
  }

  /**
   * @param kafka is closed with this
   */
  AlertBed(EmbeddedKafka kafka) {
    this.kafka = kafka;
    var serializer = new ByteArraySerializer();
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers(), "linger.ms", "0"),
            serializer,
            serializer);
  }

  String bootstrapServers() {
    return kafka.bootstrapServers();
  }

  /** A service of this process, started; the test stops it. */
  AlertService start(Map<String, String> overrides) throws Exception {
    AlertService service = create(overrides);
    await(service.start());
    return service;
  }

  AlertService create(Map<String, String> overrides) {
    Map<String, String> all = new HashMap<>();
    all.put("kafka.bootstrap_servers", bootstrapServers());
    all.put("kafka.partitions", "2");
    all.put("alert.port", "0");
    all.put("alert.default_rules", "false");
    all.put("alert.evaluation_interval", "200ms");
    all.put("alert.resend_interval", "1s");
    all.put("alert.heartbeat_interval", "1s");
    all.put("alert.heartbeat_timeout", "3s");
    all.putAll(overrides);
    Settings settings = Settings.of(all);
    AlertConfig config = AlertConfig.from(settings);
    settings.verify();
    return AlertService.create(
        config,
        new ServiceContext(vertx, ProcessMetrics.registry("alert"), InstantSource.system()));
  }

  static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  JsonObject get(AlertService service, String path) throws IOException, InterruptedException {
    return new JsonObject(text(service, path));
  }

  String text(AlertService service, String path) throws IOException, InterruptedException {
    String base = service.endpoints().get("alert API");
    HttpRequest request = HttpRequest.newBuilder(URI.create(base + path)).build();
    return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  /** Keys and values of the rule groups a service answers for. */
  List<String> groups(AlertService service) throws IOException, InterruptedException {
    List<String> names = new ArrayList<>();
    get(service, "/api/v1/rules")
        .getJsonObject("data")
        .getJsonArray("groups")
        .forEach(group -> names.add(((JsonObject) group).getString("name")));
    return names;
  }

  void send(byte[] spans) throws Exception {
    producer.send(new ProducerRecord<>(Topic.SPANS.name(), spans)).get();
  }

  /** Sends points of gauges, of now, as one record; all such records come in their order. */
  void sendGauges(Map<String, NumberDataPoint.Builder> points) throws Exception {
    long nowNanos = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
    ScopeMetrics.Builder scope = ScopeMetrics.newBuilder();
    points.forEach(
        (name, point) ->
            scope.addMetrics(
                Metric.newBuilder()
                    .setName(name)
                    .setGauge(Gauge.newBuilder().addDataPoints(point.setTimeUnixNano(nowNanos)))));
    byte[] request =
        ExportMetricsServiceRequest.newBuilder()
            .addResourceMetrics(ResourceMetrics.newBuilder().addScopeMetrics(scope))
            .build()
            .toByteArray();
    producer.send(new ProducerRecord<>(Topic.METRICS.name(), 0, null, request)).get();
  }

  void send(String service, int good, int failed) throws Exception {
    send(spans(service, good, failed));
  }

  /** Sends the same spans every 100 ms while a body runs. */
  void whileSending(String service, int good, int failed, Body body) throws Exception {
    byte[] spans = spans(service, good, failed);
    var task =
        traffic.scheduleAtFixedRate(
            () -> {
              var unused = producer.send(new ProducerRecord<>(Topic.SPANS.name(), spans));
            },
            0,
            100,
            TimeUnit.MILLISECONDS);
    try {
      body.run();
    } finally {
      task.cancel(false);
    }
  }

  /** What a test does meanwhile. */
  interface Body {
    void run() throws Exception;
  }

  static byte[] spans(String service, int good, int failed) {
    ScopeSpans.Builder scope = ScopeSpans.newBuilder();
    for (int i = 0; i < good + failed; i++) {
      boolean ok = i < good;
      scope.addSpans(
          Span.newBuilder()
              .setName("GET /x")
              .setSpanId(ByteString.copyFromUtf8("%08d".formatted(MADE.incrementAndGet())))
              .setKind(Span.SpanKind.SPAN_KIND_SERVER)
              .setStartTimeUnixNano(1_000_000_000)
              .setEndTimeUnixNano(1_020_000_000)
              .setStatus(
                  Status.newBuilder()
                      .setCode(
                          ok
                              ? Status.StatusCode.STATUS_CODE_UNSET
                              : Status.StatusCode.STATUS_CODE_ERROR)));
    }
    Resource resource =
        Resource.newBuilder()
            .addAttributes(attribute("service.name", service))
            .addAttributes(attribute("service.instance.id", service + "-1"))
            .build();
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(ResourceSpans.newBuilder().setResource(resource).addScopeSpans(scope))
        .build()
        .toByteArray();
  }

  static KeyValue attribute(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  /** All committed events of an alert so far, in their order. */
  List<AlertEvent> events(String rule) {
    return records(Topic.ALERTS).stream()
        .filter(message -> AlertHeartbeat.decode(message.value()).isEmpty())
        .map(message -> AlertEvent.decode(message.value()))
        .filter(event -> event.rule().equals(rule))
        .toList();
  }

  /** All committed records of a topic. */
  List<ConsumerRecord<byte[], byte[]>> records(Topic topic) {
    var deserializer = new ByteArrayDeserializer();
    List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers", bootstrapServers(),
                "isolation.level", "read_committed",
                "auto.offset.reset", "earliest"),
            deserializer,
            deserializer)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic.name()).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(partitions));
      while (!ends.isEmpty()) {
        consumer.poll(Duration.ofMillis(100)).forEach(all::add);
        ends.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
      }
    }
    return all;
  }

  static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }

  @Override
  public void close() {
    traffic.shutdownNow();
    producer.close(Duration.ofSeconds(1));
    vertx.close();
    kafka.close();
  }
}
