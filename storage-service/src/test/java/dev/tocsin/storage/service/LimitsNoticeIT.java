package dev.tocsin.storage.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.config.Settings;
import dev.tocsin.common.contract.StorageLimitsRecord;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.testkit.Backends;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LimitsNoticeIT {
  private static final StorageLimitsRecord LIMITS =
      new StorageLimitsRecord(
          Duration.ofDays(7),
          Duration.ofDays(6),
          Duration.ofDays(30),
          Duration.ofHours(1),
          16_384,
          512);

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    wait(vertx.close());
  }

  @Test
  void notice_makesItsTopic_andSaysWhatIsTaken() throws Exception {
    Settings settings =
        Settings.load(null, Map.of(), Map.of("kafka.bootstrap_servers", Backends.kafka()));
    Topic topic = new Topic(Backends.uniqueName("limits"), false, true);
    LimitsNotice notice = new LimitsNotice(vertx, KafkaSettings.from(settings), topic, LIMITS);
    wait(notice.start());
    assertThat(wait(notice.check())).isInstanceOf(Health.Healthy.class);
    TopicPartition partition = new TopicPartition(topic.name(), 0);
    try (var consumer =
        new KafkaConsumer<>(
            Map.<String, Object>of("bootstrap.servers", Backends.kafka()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      var said = consumer.poll(Duration.ofSeconds(30)).records(partition);
      assertThat(said).hasSize(1);
      assertThat(new String(said.get(0).key(), UTF_8)).isEqualTo(StorageLimitsRecord.KEY);
      assertThat(StorageLimitsRecord.decode(said.get(0).value())).isEqualTo(LIMITS);
    }
    wait(notice.stop());
    wait(notice.stop());
  }

  private static <T> T wait(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
