package dev.tocsin.common.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.common.config.Settings;
import dev.tocsin.common.contract.DeadLetterHeaders;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.runtime.ComponentGroup;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.testkit.Backends;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The record kernel on its thread, over a real broker. */
class RecordLoopIT {
  private static final Vertx vertx = Vertx.vertx();
  private static KafkaSettings settings;
  private static Admin admin;

  private final String topic = Backends.uniqueName("records");
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final Map<TopicPartition, Long> offsets = new ConcurrentHashMap<>();
  private final Map<TopicPartition, Uuid> topicIds = new ConcurrentHashMap<>();
  private final Queue<String> stored = new ConcurrentLinkedQueue<>();
  private final Queue<ConsumerRecord<byte[], byte[]>> letters = new ConcurrentLinkedQueue<>();
  private RecordProducer producer;
  private ComponentGroup clients;

  @BeforeAll
  static void connect() {
    settings = KafkaSettings.from(Settings.of(Map.of("kafka.bootstrap_servers", Backends.kafka())));
    admin = Admin.create(settings.clientProperties());
  }

  @AfterAll
  static void disconnect() throws Exception {
    admin.close();
    get(vertx.close());
  }

  @BeforeEach
  void startProducer() throws Exception {
    createTopic();
    List<Topic> topics = List.of(new Topic(topic, true, false), Topic.DEAD_LETTER);
    producer = new RecordProducer(vertx, settings, topics, Map.of());
    clients =
        new ComponentGroup(
            "clients",
            List.of(
                new KafkaTopics(vertx, settings, List.of(Topic.DEAD_LETTER)),
                producer,
                letterReader()));
    get(clients.start());
  }

  @AfterEach
  void stopProducer() throws Exception {
    get(clients.stop());
  }

  private void createTopic() throws Exception {
    NewTopic made =
        new NewTopic(topic, 2, (short) 1)
            .configs(Map.of("max.message.bytes", Long.toString(Topic.MESSAGE_BYTES_MAX)));
    admin.createTopics(List.of(made)).all().get();
  }

  private RecordLoop letterReader() {
    return RecordLoop.create(
        "letters",
        settings,
        Map.of(),
        PartitionChoice.all(List.of(Topic.DEAD_LETTER.name())),
        () ->
            new Work() {
              @Override
              public long begin(TopicPartition partition, Extent extent) {
                return extent.beginning();
              }

              @Override
              public Verdict take(ConsumerRecord<byte[], byte[]> message) {
                var from = message.headers().lastHeader(DeadLetterHeaders.TOPIC);
                if (new String(from.value(), UTF_8).equals(topic)) {
                  letters.add(message);
                }
                return Verdict.TAKEN;
              }

              @Override
              public void flush(Turn turn) {}
            },
        Aside.counting(metrics),
        metrics);
  }

  /** Stores texts and offsets together; what begins with "bad" makes it fail. */
  private final class Store implements Work {
    private final Map<TopicPartition, StringBuilder> staged = new ConcurrentHashMap<>();
    private final Map<TopicPartition, Long> next = new ConcurrentHashMap<>();

    @Override
    public long begin(TopicPartition partition, Extent extent) {
      Uuid before = topicIds.put(partition, extent.topicId());
      if (before != null && !before.equals(extent.topicId())) {
        offsets.remove(partition);
      }
      staged.remove(partition);
      next.remove(partition);
      return Math.max(extent.beginning(), offsets.getOrDefault(partition, 0L));
    }

    @Override
    public void end(TopicPartition partition) {
      staged.remove(partition);
      next.remove(partition);
    }

    @Override
    public Verdict take(ConsumerRecord<byte[], byte[]> message) {
      String text = new String(message.value(), UTF_8);
      TopicPartition partition = new TopicPartition(message.topic(), message.partition());
      staged.computeIfAbsent(partition, p -> new StringBuilder()).append(text).append('\n');
      next.put(partition, message.offset() + 1);
      return Verdict.TAKEN;
    }

    @Override
    public void skip(ConsumerRecord<byte[], byte[]> message) {
      next.put(new TopicPartition(message.topic(), message.partition()), message.offset() + 1);
    }

    @Override
    public void flush(Turn turn) throws Exception {
      for (TopicPartition partition : List.copyOf(next.keySet())) {
        StringBuilder texts = staged.getOrDefault(partition, new StringBuilder());
        if (texts.indexOf("bad") >= 0) {
          throw new PartitionFailure(partition, new IllegalStateException("bad text"));
        }
        texts.toString().lines().forEach(stored::add);
        offsets.put(partition, next.get(partition));
        turn.durable(partition, next.get(partition));
        staged.remove(partition);
        next.remove(partition);
      }
    }
  }

  private RecordLoop loop(String group) {
    return RecordLoop.create(
        group,
        settings,
        Map.of("group.id", group, "session.timeout.ms", "6000"),
        PartitionChoice.shared(List.of(topic)),
        Store::new,
        new DeadLetters("test", producer, metrics),
        metrics);
  }

  private void send(int partition, String text) throws Exception {
    var unused =
        get(producer.send(new ProducerRecord<>(topic, partition, null, text.getBytes(UTF_8))));
  }

  @Test
  void badRecords_goAside_andAllOthersAreStoredOnce_alsoOverAChangeOfMembers() throws Exception {
    String group = Backends.uniqueName("g");
    RecordLoop first = loop(group);
    RecordLoop second = loop(group);
    get(first.start());
    for (int i = 0; i < 40; i++) {
      send(i % 2, i % 10 == 7 ? "bad" + i : "good" + i);
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> stored.size() == 36);
    get(second.start());
    for (int i = 40; i < 80; i++) {
      send(i % 2, i % 10 == 7 ? "bad" + i : "good" + i);
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> stored.size() == 72);
    get(first.stop());
    send(0, "after0");
    send(1, "after1");
    await().atMost(Duration.ofSeconds(30)).until(() -> stored.size() == 74);
    await().atMost(Duration.ofSeconds(30)).until(() -> letters.size() == 8);
    assertThat(stored).doesNotHaveDuplicates().noneMatch(text -> text.startsWith("bad"));
    assertThat(get(second.check())).isEqualTo(Health.healthy());
    get(second.stop());
  }

  @Test
  void largestRecord_goesAsideCut_whenItsLetterWouldBeLargerThanTheBrokerTakes() throws Exception {
    RecordLoop loop = loop(Backends.uniqueName("g"));
    get(loop.start());
    char[] noise = new char[16_700_000];
    Random random = new Random(1);
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (char) ('a' + random.nextInt(26));
    }
    send(0, "bad" + new String(noise));
    send(0, "good");
    await().atMost(Duration.ofSeconds(60)).until(() -> letters.size() == 1);
    await().atMost(Duration.ofSeconds(30)).until(() -> stored.contains("good"));
    ConsumerRecord<byte[], byte[]> letter = letters.element();
    assertThat(new String(letter.headers().lastHeader(DeadLetterHeaders.CUT).value(), UTF_8))
        .isEqualTo("16700003");
    assertThat(letter.value().length).isBetween(1 << 20, 16_700_003);
    get(loop.stop());
  }

  @Test
  void work_isAskedWhereToGoOn_whenRecordsWereDeletedOrTheTopicWasMadeAnew() throws Exception {
    RecordLoop loop = loop(Backends.uniqueName("g"));
    for (int i = 0; i < 10; i++) {
      send(0, "early" + i);
    }
    RecordsToDelete before = RecordsToDelete.beforeOffset(8);
    admin.deleteRecords(Map.of(new TopicPartition(topic, 0), before)).all().get();
    get(loop.start());
    await().atMost(Duration.ofSeconds(30)).until(() -> stored.size() == 2);
    get(loop.stop());

    admin.deleteTopics(List.of(topic)).all().get();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> !admin.listTopics().names().get().contains(topic));
    createTopic();
    for (int i = 0; i < 3; i++) {
      send(0, "anew" + i);
    }
    RecordLoop again = loop(Backends.uniqueName("g"));
    get(again.start());
    await().atMost(Duration.ofSeconds(30)).until(() -> stored.size() == 5);
    assertThat(stored).containsExactly("early8", "early9", "anew0", "anew1", "anew2");
    get(again.stop());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
