package dev.tocsin.common.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tocsin.common.config.Settings;
import dev.tocsin.common.contract.DeadLetterHeaders;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.runtime.ComponentGroup;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.embedded.EmbeddedKafka;
import dev.tocsin.testkit.Backends;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The Kafka pieces of common against a real broker that dies and comes back. */
class KafkaClientsIT {
  private static final List<Topic> TOPICS = List.of(Topic.ALERTS, Topic.DEAD_LETTER, Topic.RULES);

  private static final Vertx vertx = Vertx.vertx();
  private static EmbeddedKafka kafka;
  private static KafkaSettings settings;

  @BeforeAll
  static void startBroker() {
    kafka = Backends.dedicatedKafka();
    settings =
        KafkaSettings.from(
            Settings.of(
                Map.of(
                    "kafka.bootstrap_servers", kafka.bootstrapServers(), "kafka.partitions", "2")));
  }

  @AfterAll
  static void stopBroker() throws Exception {
    await(vertx.close());
    kafka.close();
  }

  /** Collects what comes; fails once on the text "poison" as it does when the world fails. */
  private static final class Collector implements Work {
    static final BlockingQueue<ConsumerRecord<byte[], byte[]>> seen = new LinkedBlockingQueue<>();
    static volatile boolean failed;
    private final Map<TopicPartition, Long> next = new HashMap<>();
    private RecordSource source;

    @Override
    public void open(RecordSource opened) {
      source = opened;
    }

    @Override
    public long begin(TopicPartition partition, Extent extent) {
      return source.committed(partition).orElse(extent.beginning());
    }

    @Override
    public Verdict take(ConsumerRecord<byte[], byte[]> message) throws IOException {
      if (!failed && new String(message.value(), UTF_8).equals("poison")) {
        failed = true;
        throw new IOException("the world failed");
      }
      seen.add(message);
      next.put(new TopicPartition(message.topic(), message.partition()), message.offset() + 1);
      return Verdict.TAKEN;
    }

    @Override
    public void flush(Turn turn) {
      next.forEach(turn::durable);
      if (!next.isEmpty()) {
        source.commit(next);
      }
      next.clear();
    }
  }

  @Test
  void clients_workAgain_afterTheBrokerWasKilled_andALoopThatFailedBeginsAgain() throws Exception {
    RecordProducer producer = new RecordProducer(vertx, settings, TOPICS, Map.of());
    SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    RecordLoop loop =
        RecordLoop.create(
            "collector",
            settings,
            Map.of("group.id", Backends.uniqueName("g")),
            PartitionChoice.shared(List.of(Topic.ALERTS.name(), Topic.DEAD_LETTER.name())),
            Collector::new,
            Aside.counting(metrics),
            metrics);
    ComponentGroup group =
        new ComponentGroup(
            "clients", List.of(new KafkaTopics(vertx, settings, TOPICS), producer, loop));
    await(group.start());
    assertThat(group.ready()).isTrue();
    assertThat(producer.partitions(Topic.ALERTS)).isEqualTo(2);
    assertThat(producer.partitions(Topic.DEAD_LETTER)).isEqualTo(1);

    await(send(producer, "one"));
    assertThat(next()).isEqualTo("one");

    kafka.kill();
    assertThat(outcome(send(producer, "lost or not, but answered"))).isInstanceOf(Exception.class);
    assertThat(await(producer.check())).isInstanceOf(Health.Degraded.class);
    assertThat(group.ready()).isFalse();

    kafka.restart();
    await(sendUntilTaken(producer, "two"));
    assertThat(await(producer.check())).isInstanceOf(Health.Healthy.class);
    awaitText("two");

    await(send(producer, "poison"));
    awaitText("poison");
    assertThat(Collector.failed).isTrue();

    ConsumerRecord<byte[], byte[]> bad =
        new ConsumerRecord<>("otlp_spans", 3, 42, null, "garbage".getBytes(UTF_8));
    DeadLetters letters = new DeadLetters("test", producer, new SimpleMeterRegistry());
    await(letters.put(bad, "malformed", "no span"));
    ConsumerRecord<byte[], byte[]> letter = awaitText("garbage");
    assertThat(header(letter, DeadLetterHeaders.TOPIC)).isEqualTo("otlp_spans");
    assertThat(header(letter, DeadLetterHeaders.PARTITION)).isEqualTo("3");
    assertThat(header(letter, DeadLetterHeaders.OFFSET)).isEqualTo("42");
    assertThat(header(letter, DeadLetterHeaders.REASON)).isEqualTo("malformed: no span");
    assertThat(header(letter, DeadLetterHeaders.CONSUMER)).isEqualTo("test");
    assertThat(letters.isForOthers(bad)).isFalse();
    bad.headers().add(DeadLetterHeaders.REPLAY_FOR, "other".getBytes(UTF_8));
    assertThat(letters.isForOthers(bad)).isTrue();
    bad.headers().add(DeadLetterHeaders.REPLAY_FOR, "test".getBytes(UTF_8));
    assertThat(letters.isForOthers(bad)).isFalse();

    await(group.stop());
    await(group.stop());
    assertThat(outcome(send(producer, "after the stop"))).hasMessageContaining("not running");
  }

  private static Future<?> send(RecordProducer producer, String text) {
    return producer.send(new ProducerRecord<>(Topic.ALERTS.name(), text.getBytes(UTF_8)));
  }

  /** A broker that comes back needs a moment, in which each try is answered at once. */
  private static Future<?> sendUntilTaken(RecordProducer producer, String text) {
    return send(producer, text)
        .recover(
            e ->
                vertx
                    .timer(20, TimeUnit.MILLISECONDS)
                    .compose(v -> sendUntilTaken(producer, text).map(w -> null)));
  }

  private static String next() throws Exception {
    return new String(Collector.seen.poll(60, TimeUnit.SECONDS).value(), UTF_8);
  }

  private static ConsumerRecord<byte[], byte[]> awaitText(String text) throws Exception {
    ConsumerRecord<byte[], byte[]> message = Collector.seen.poll(60, TimeUnit.SECONDS);
    while (!new String(message.value(), UTF_8).equals(text)) {
      message = Collector.seen.poll(60, TimeUnit.SECONDS);
    }
    return message;
  }

  private static String header(ConsumerRecord<byte[], byte[]> message, String name) {
    return new String(message.headers().lastHeader(name).value(), UTF_8);
  }

  private static Throwable outcome(Future<?> future) {
    return catchThrowable(() -> await(future)).getCause();
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(90, TimeUnit.SECONDS);
  }
}
