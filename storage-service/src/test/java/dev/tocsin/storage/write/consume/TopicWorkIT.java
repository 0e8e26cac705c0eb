package dev.tocsin.storage.write.consume;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.common.config.Settings;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.DeadLetters;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.kafka.KafkaTopics;
import dev.tocsin.common.kafka.PartitionChoice;
import dev.tocsin.common.kafka.RecordLoop;
import dev.tocsin.common.kafka.RecordProducer;
import dev.tocsin.common.kafka.Resume;
import dev.tocsin.segment.metric.SeriesSamples;
import dev.tocsin.storage.ports.Batch;
import dev.tocsin.storage.ports.SegmentStore;
import dev.tocsin.testkit.Backends;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

/** A record that breaks the encoder costs itself only. */
final class TopicWorkIT {
  private final Topic topic = new Topic(Backends.uniqueName("work"), true, false);
  private final FakeStore store = new FakeStore();

  @Test
  void recordThatCannotBeEncoded_isPutAsideAlone() throws Exception {
    Vertx vertx = Vertx.vertx();
    KafkaSettings kafka =
        KafkaSettings.from(
            Settings.of(
                Map.of("kafka.bootstrap_servers", Backends.kafka(), "kafka.partitions", "1")));
    KafkaTopics topics = new KafkaTopics(vertx, kafka, List.of(topic, Topic.DEAD_LETTER));
    RecordProducer producer =
        new RecordProducer(vertx, kafka, List.of(topic, Topic.DEAD_LETTER), Map.of());
    wait(topics.start().compose(done -> producer.start()));
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    for (String text : List.of("a", "b", "bomb", "c", "bomb", "d")) {
      wait(producer.send(new ProducerRecord<>(topic.name(), text.getBytes(UTF_8))));
    }
    RecordLoop loop =
        RecordLoop.create(
            "work",
            kafka,
            Map.of("group.id", topic.name()),
            PartitionChoice.shared(List.of(topic.name())),
            () ->
                new TopicWork(
                    topic.name(),
                    store,
                    name -> Future.succeededFuture(Uuid.ZERO_UUID),
                    part -> new FakeBuffer(),
                    new FlushLimits(Duration.ofMillis(200), 1_000, 1 << 20),
                    new ConsumeMetrics(registry, topic.name()),
                    Host.of(vertx.createSharedWorkerExecutor("encode", 1))),
            new DeadLetters("storage", producer, registry),
            registry);
    wait(loop.start());
    await().atMost(Duration.ofSeconds(60)).until(() -> store.next == 6);
    assertThat(store.stored).containsExactly("a", "b", "c", "d");
    assertThat(
            registry
                .get("tocsin.dead.letters")
                .tags("topic", topic.name(), "reason", "failed")
                .counter()
                .count())
        .isEqualTo(2);
    wait(loop.stop().compose(done -> producer.stop()).compose(done -> vertx.close()));
  }

  private static <T> void wait(Future<T> future) throws Exception {
    T unused = future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private final class FakeBuffer implements Buffer {
    private final List<String> texts = new ArrayList<>();

    @Override
    public Optional<Rejected> add(ConsumerRecord<byte[], byte[]> message) {
      texts.add(new String(message.value(), UTF_8));
      return Optional.empty();
    }

    @Override
    public int items() {
      return texts.size();
    }

    @Override
    public Supplier<Batch.Content> drain(long offset) {
      List<String> drained = List.copyOf(texts);
      texts.clear();
      return () -> {
        if (drained.contains("bomb")) {
          throw new IllegalStateException("a bomb among " + drained);
        }
        store.offered = drained;
        return new Batch.Spans(List.of(), List.of());
      };
    }
  }

  private static final class FakeStore implements SegmentStore {
    volatile long next;
    volatile Uuid topicId = Uuid.ZERO_UUID;
    final List<String> stored = new CopyOnWriteArrayList<>();
    volatile List<String> offered = List.of();

    @Override
    public Future<Resume.Point> point(String topic, int part) {
      return Future.succeededFuture(new Resume.Point(next, topicId, 0));
    }

    @Override
    public Future<Boolean> resume(String topic, int part, Resume.Point kept, Resume resume) {
      topicId = resume.point().topicId();
      return Future.succeededFuture(resume.point().offset() == next);
    }

    @Override
    public Future<Boolean> commit(Batch batch) {
      if (batch.expectedOffset() != next) {
        return Future.succeededFuture(false);
      }
      stored.addAll(offered);
      offered = List.of();
      next = batch.nextOffset();
      return Future.succeededFuture(true);
    }

    @Override
    public Future<List<SeriesSamples>> totals(int part, int source) {
      return Future.succeededFuture(List.of());
    }
  }
}
