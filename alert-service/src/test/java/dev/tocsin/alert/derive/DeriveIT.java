package dev.tocsin.alert.derive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.contract.DeadLetterHeaders;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.DeadLetters;
import dev.tocsin.common.kafka.Extent;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.kafka.KafkaTopics;
import dev.tocsin.common.kafka.KafkaTransactions;
import dev.tocsin.common.kafka.PartitionChoice;
import dev.tocsin.common.kafka.RecordLoop;
import dev.tocsin.common.kafka.RecordProducer;
import dev.tocsin.common.kafka.RecordSource;
import dev.tocsin.common.kafka.Verdict;
import dev.tocsin.common.kafka.Work;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.common.telemetry.ProcessMetrics;
import dev.tocsin.embedded.EmbeddedKafka;
import dev.tocsin.otlp.prometheus.PrometheusSeries;
import dev.tocsin.testkit.Backends;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Derive on a real Kafka, with records that nobody should have sent. */
class DeriveIT {
  /** Equal spans count once, so there are none. */
  private static final AtomicInteger MADE = new AtomicInteger();

  private static final String GROUP = "tocsin-alert-derive";
  private static final TopicPartition SPANS_0 = new TopicPartition(Topic.SPANS.name(), 0);
  private static final DeriveOptions OPTIONS =
      new DeriveOptions(
          "it", 1, Duration.ofMillis(50), 8 << 20, Duration.ofSeconds(1), 2_000, 500, 10_000);

  private final EmbeddedKafka kafka = Backends.dedicatedKafka();
  private final Vertx vertx = Vertx.vertx();
  private final PrometheusMeterRegistry metrics = ProcessMetrics.registry("alert");
  private final List<RecordLoop> loops = new ArrayList<>();
  private KafkaSettings settings;
  private RecordProducer letters;
  private KafkaProducer<byte[], byte[]> sender;

  @BeforeEach
  void start() throws Exception {
    settings =
        KafkaSettings.from(
            Settings.of(
                Map.of(
                    "kafka.bootstrap_servers", kafka.bootstrapServers(), "kafka.partitions", "2")));
    List<Topic> topics =
        List.of(Topic.SPANS, Topic.METRICS, Topic.LOGS, Topic.DERIVED, Topic.DEAD_LETTER);
    get(new KafkaTopics(vertx, settings, topics).start());
    letters = new RecordProducer(vertx, settings, List.of(Topic.DEAD_LETTER), Map.of());
    get(letters.start());
    var serializer = new ByteArraySerializer();
    sender =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers", kafka.bootstrapServers(),
                "max.request.size", "16777216",
                "compression.type", "lz4"),
            serializer,
            serializer);
  }

  @AfterEach
  void stop() throws Exception {
    for (RecordLoop loop : loops) {
      get(loop.stop());
    }
    get(letters.stop());
    sender.close(Duration.ofSeconds(1));
    get(vertx.close());
    kafka.close();
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(200));
  }

  private ServiceContext context() {
    return new ServiceContext(vertx, metrics, InstantSource.system());
  }

  private DeadLetters aside() {
    return new DeadLetters("derive", letters, metrics);
  }

  private static DeriveOptions instance(String id) {
    return new DeriveOptions(
        id,
        1,
        OPTIONS.batch(),
        OPTIONS.batchBytesMax(),
        OPTIONS.heartbeatInterval(),
        OPTIONS.servicesMax(),
        OPTIONS.spanNamesPerServiceMax(),
        OPTIONS.instancesMax());
  }

  private RecordLoop derive(String instanceId) throws Exception {
    RecordLoop loop = Derive.loops(instance(instanceId), settings, aside(), context()).get(0);
    loops.add(loop);
    get(loop.start());
    return loop;
  }

  private void send(byte[] spans) throws Exception {
    sender.send(new ProducerRecord<>(Topic.SPANS.name(), 0, null, spans)).get();
  }

  private static byte[] spans(String service, String name, int count) {
    ScopeSpans.Builder scope = ScopeSpans.newBuilder();
    for (int i = 0; i < count; i++) {
      scope.addSpans(
          Span.newBuilder()
              .setName(name)
              .setSpanId(ByteString.copyFromUtf8("%08d".formatted(MADE.incrementAndGet())))
              .setStartTimeUnixNano(1_000)
              .setEndTimeUnixNano(2_000));
    }
    Resource resource =
        Resource.newBuilder().addAttributes(attribute("service.name", service)).build();
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(ResourceSpans.newBuilder().setResource(resource).addScopeSpans(scope))
        .build()
        .toByteArray();
  }

  private static KeyValue attribute(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  /** All committed calls by service. */
  private Map<String, Double> calls() {
    Map<String, Double> calls = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> message : records(Topic.DERIVED)) {
      assertThat(message.value().length).isLessThan(2 << 20);
      PrometheusSeries.read(
          parse(message.value()),
          (labels, kind, timeMs, startMs, value) -> {
            if (labels.getOrDefault("__name__", "").equals("traces_span_metrics_calls_total")) {
              calls.merge(labels.getOrDefault("service_name", ""), value, Double::sum);
            }
          });
    }
    return calls;
  }

  private static ExportMetricsServiceRequest parse(byte[] value) {
    try {
      return ExportMetricsServiceRequest.parseFrom(value);
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  private List<ConsumerRecord<byte[], byte[]>> records(Topic topic) {
    List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
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

  private KafkaConsumer<byte[], byte[]> consumer() {
    var deserializer = new ByteArrayDeserializer();
    return new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers", kafka.bootstrapServers(),
            "isolation.level", "read_committed",
            "auto.offset.reset", "earliest"),
        deserializer,
        deserializer);
  }

  /** Offsets of the span records that were put aside, with their reason. */
  private List<String> putAside() {
    return records(Topic.DEAD_LETTER).stream()
        .map(
            letter ->
                header(letter, DeadLetterHeaders.OFFSET)
                    + " "
                    + header(letter, DeadLetterHeaders.REASON).replaceFirst(":.*", ""))
        .toList();
  }

  private static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
    return new String(letter.headers().lastHeader(name).value(), UTF_8);
  }

  @Test
  void goodRecords_countOnce_betweenRecordsNobodyShouldHaveSent() throws Exception {
    derive("one");
    send(spans("good", "a", 3));
    send(new byte[] {0x0a, 0x7f, 0x01});
    send(spans("good", "a", 5));
    String endless = "n".repeat(6_000_000);
    send(spans(endless, "a", 7));
    send(spans("good", endless, 1));
    send(resource("poison/nested-groups-100.bin"));
    send(spans("good", "a", 13));
    soon().untilAsserted(() -> assertThat(calls()).containsEntry("good", 22.0));
    assertThat(calls()).containsEntry(BoundedName.of(endless), 7.0);
    assertThat(putAside()).startsWith("1 malformed").doesNotHaveDuplicates();
    assertThat(get(loops.get(0).check())).isEqualTo(Health.healthy());
  }

  private static byte[] resource(String name) throws Exception {
    try (var in = DeriveIT.class.getResourceAsStream("/" + name)) {
      return in.readAllBytes();
    }
  }

  /** Fails as no work of ours is known to, when a record or what is staged holds a text. */
  private static final class Failing implements Work {
    private final Work real;
    private boolean staged;

    Failing(Work real) {
      this.real = real;
    }

    @Override
    public void open(RecordSource source) throws Exception {
      real.open(source);
    }

    @Override
    public long begin(TopicPartition partition, Extent extent) throws Exception {
      staged = false;
      return real.begin(partition, extent);
    }

    @Override
    public void end(TopicPartition partition) {
      staged = false;
      real.end(partition);
    }

    @Override
    public Verdict take(ConsumerRecord<byte[], byte[]> message) throws Exception {
      String text = new String(message.value(), UTF_8);
      if (text.contains("throws-in-take")) {
        throw new ArithmeticException("overflow");
      }
      staged |= text.contains("throws-in-flush");
      return real.take(message);
    }

    @Override
    public void skip(ConsumerRecord<byte[], byte[]> message) throws Exception {
      real.skip(message);
    }

    @Override
    public void flush(Turn turn) throws Exception {
      if (staged) {
        throw new NegativeArraySizeException("-7");
      }
      real.flush(turn);
    }

    @Override
    public Duration pollWait() {
      return real.pollWait();
    }

    @Override
    public void close() throws Exception {
      real.close();
    }
  }

  @Test
  void recordThatMakesUsFail_isPutAside_andTheOthersCountOnce() throws Exception {
    for (int i = 0; i < 20; i++) {
      send(spans("good", "a", 1));
    }
    send(spans("bad", "throws-in-take", 1));
    send(spans("good", "a", 1));
    send(spans("bad", "throws-in-flush", 1));
    for (int i = 0; i < 20; i++) {
      send(spans("good", "a", 1));
    }
    RecordLoop loop =
        RecordLoop.create(
            "failing",
            settings,
            Map.of("group.id", GROUP),
            PartitionChoice.shared(List.of(Topic.SPANS.name())),
            () ->
                new Failing(
                    new DeriveWork(
                        "it-0",
                        OPTIONS,
                        InstantSource.system(),
                        System::nanoTime,
                        KafkaTransactions.create(settings, "tocsin-alert-derive-it-0"),
                        new DeriveMetrics(metrics, "0"))),
            aside(),
            metrics);
    loops.add(loop);
    get(loop.start());
    soon().untilAsserted(() -> assertThat(calls()).containsEntry("good", 41.0));
    assertThat(calls()).doesNotContainKey("bad");
    assertThat(putAside()).containsExactlyInAnyOrder("20 failed", "22 failed");
  }

  @Test
  void secondInstance_goesOn_whereTheFirstOneStopped() throws Exception {
    RecordLoop first = derive("one");
    for (int i = 0; i < 30; i++) {
      send(spans("good", "a", 1));
    }
    soon().until(() -> calls().getOrDefault("good", 0.0) > 0);
    derive("two");
    for (int i = 0; i < 30; i++) {
      send(spans("good", "a", 1));
    }
    get(first.stop());
    for (int i = 0; i < 30; i++) {
      send(spans("good", "a", 1));
    }
    soon().untilAsserted(() -> assertThat(calls()).containsEntry("good", 90.0));
    assertThat(get(loops.get(1).check())).isEqualTo(Health.healthy());
  }

  @Test
  void derive_goesOnAtTheEnd_andTellsTheGap_whenKafkaHasLostItsTail() throws Exception {
    send(spans("before", "a", 1));
    try (Admin admin = Admin.create(settings.clientProperties())) {
      admin
          .alterConsumerGroupOffsets(GROUP, Map.of(SPANS_0, new OffsetAndMetadata(1_000)))
          .all()
          .get();
      derive("one");
      soon().untilAsserted(() -> assertThat(committed(admin)).isEqualTo(1));
    }
    assertThat(missed("lost_tail")).isEqualTo(999);
    send(spans("after", "a", 4));
    soon().untilAsserted(() -> assertThat(calls()).containsEntry("after", 4.0));
    assertThat(calls()).doesNotContainKey("before");
  }

  @Test
  void derive_goesOnAtTheBeginning_andTellsTheGap_whenRetentionHasPassedIt() throws Exception {
    for (int i = 0; i < 5; i++) {
      send(spans("old", "a", 1));
    }
    try (Admin admin = Admin.create(settings.clientProperties())) {
      admin.alterConsumerGroupOffsets(GROUP, Map.of(SPANS_0, new OffsetAndMetadata(1))).all().get();
      admin.deleteRecords(Map.of(SPANS_0, RecordsToDelete.beforeOffset(3))).all().get();
    }
    derive("one");
    soon().untilAsserted(() -> assertThat(calls()).containsEntry("old", 2.0));
    assertThat(missed("retention")).isEqualTo(2);
  }

  private double missed(String reason) {
    return metrics
        .counter("tocsin.derive.missed.records", "topic", Topic.SPANS.name(), "reason", reason)
        .count();
  }

  private static long committed(Admin admin) throws Exception {
    return admin
        .listConsumerGroupOffsets(GROUP)
        .partitionsToOffsetAndMetadata()
        .get()
        .get(SPANS_0)
        .offset();
  }
}
