package dev.tocsin.common.kafka;

import static org.awaitility.Awaitility.await;

import dev.tocsin.common.config.Settings;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.ProxiedKafka;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** Clients of a Kafka that accepts everything and answers nothing. */
class HalfOpenKafkaIT {
  private static final String TOPIC = "half-open";

  /** Longer than a close should take, and shorter than Kafka's own limit of 30 s. */
  private static final long CLOSED_SECONDS = 20;

  @Test
  void source_isClosed_withoutAnAnswerOfItsGroup() throws Exception {
    try (ProxiedKafka kafka = Backends.proxiedKafka()) {
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
        admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
      }
      KafkaSettings settings =
          KafkaSettings.from(
              Settings.of(Map.of("kafka.bootstrap_servers", kafka.proxiedBootstrapServers())));
      KafkaSource source = new KafkaSource(settings, Map.of("group.id", TOPIC));
      source.join(List.of(TOPIC), new Unmoved());
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                source.poll(Duration.ofMillis(200));
                return !source.assignment().isEmpty();
              });
      kafka.proxy().halfOpen();
      CompletableFuture.runAsync(source::close).get(CLOSED_SECONDS, TimeUnit.SECONDS);
    }
  }

  /** Has nothing to do with what it gets. */
  private static final class Unmoved implements RecordSource.Membership {
    @Override
    public void assigned(Collection<TopicPartition> partitions) {}

    @Override
    public void revoked(Collection<TopicPartition> partitions) {}
  }
}
