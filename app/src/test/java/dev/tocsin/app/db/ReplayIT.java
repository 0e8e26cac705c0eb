package dev.tocsin.app.db;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.config.Settings;
import dev.tocsin.common.contract.DeadLetterHeaders;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.testkit.Backends;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** Letters go back where they came from, as they were, each once. */
final class ReplayIT {
  private final String letters = Backends.uniqueName("letters");
  private final String topic = Backends.uniqueName("origin");

  @Test
  void letters_goBackOnce_theOnesAskedForFirst() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", Backends.kafka()))) {
      admin
          .createTopics(
              List.of(new NewTopic(letters, 1, (short) 1), new NewTopic(topic, 3, (short) 1)))
          .all()
          .get(30, TimeUnit.SECONDS);
    }
    letter(topic, 2, "malformed: no OTLP", "a");
    letter(topic, 1, "time_outside: too old", "b");
    letter("", 0, "malformed: no origin", "lost");
    letter(topic, 0, "malformed: no OTLP", "c");
    letter(topic, 1, "time_outside: too old", "d");
    letter(topic, 7, "malformed: no such partition", "homeless");

    letter(topic, 0, "failed: too large", "cut", new RecordHeader("tocsin.cut", new byte[] {'9'}));

    Replay.Outcome counted = replay("", true);
    assertThat(counted.replayed)
        .isEqualTo(Map.of(topic + " malformed", 2, topic + " time_outside", 2));
    assertThat(sent()).isEmpty();

    assertThat(replay("time_outside", false).replayed)
        .isEqualTo(Map.of(topic + " time_outside", 2));
    assertThat(replay("time_outside", false).replayed).isEmpty();
    assertThat(sent()).containsExactlyInAnyOrder("1 key b h=v", "1 key d h=v");

    Replay.Outcome rest = replay("", false);
    assertThat(rest.replayed).isEqualTo(Map.of(topic + " malformed", 2));
    assertThat(rest.left).isEqualTo(3);
    assertThat(rest.cut).isEqualTo(1);
    assertThat(rest.unreadable).isEqualTo(1);
    assertThat(rest.homeless).isEqualTo(1);
    assertThat(replay("", false).replayed).isEmpty();

    letter(topic, 0, "malformed: again", "e", consumer("storage"));
    assertThat(replay("", false).replayed).isEqualTo(Map.of(topic + " malformed", 1));
    assertThat(sent())
        .containsExactlyInAnyOrder(
            "2 key a h=v",
            "1 key b h=v",
            "0 key c h=v",
            "1 key d h=v",
            "0 key e h=v tocsin.replay-for=storage");

    letter(
        topic,
        0,
        "labels_too_long: the rest is stored",
        "f",
        consumer("storage"),
        new RecordHeader(DeadLetterHeaders.PARTLY_STORED, new byte[0]));
    Replay.Outcome inPart = replay("", false);
    assertThat(inPart.replayed).isEmpty();
    assertThat(inPart.partlyStored).isEqualTo(1);
  }

  private static Header consumer(String name) {
    return new RecordHeader(DeadLetterHeaders.CONSUMER, name.getBytes(UTF_8));
  }

  private Replay.Outcome replay(String reason, boolean dryRun) throws Exception {
    Settings settings = Settings.of(Map.of("kafka.bootstrap_servers", Backends.kafka()));
    LetterFilter filter = new LetterFilter("", reason);
    return new Replay(KafkaSettings.from(settings), letters, filter, dryRun).run();
  }

  private void letter(String origin, int partition, String reason, String value, Header... more)
      throws Exception {
    var letter = new ProducerRecord<>(letters, "key".getBytes(UTF_8), value.getBytes(UTF_8));
    letter.headers().add("h", "v".getBytes(UTF_8));
    if (!origin.isEmpty()) {
      letter.headers().add(DeadLetterHeaders.TOPIC, origin.getBytes(UTF_8));
    }
    letter.headers().add(DeadLetterHeaders.PARTITION, Integer.toString(partition).getBytes(UTF_8));
    letter.headers().add(DeadLetterHeaders.OFFSET, "1".getBytes(UTF_8));
    letter.headers().add(DeadLetterHeaders.REASON, reason.getBytes(UTF_8));
    List.of(more).forEach(letter.headers()::add);
    var serializer = new ByteArraySerializer();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", Backends.kafka()), serializer, serializer)) {
      producer.send(letter).get(30, TimeUnit.SECONDS);
    }
  }

  /** Everything in the origin's topic: partition, key, value, headers. */
  private List<String> sent() {
    var deserializer = new ByteArrayDeserializer();
    Map<String, Object> properties =
        Map.of("bootstrap.servers", Backends.kafka(), "isolation.level", "read_committed");
    List<String> all = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, deserializer, deserializer)) {
      List<TopicPartition> partitions =
          List.of(0, 1, 2).stream().map(p -> new TopicPartition(topic, p)).toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofMillis(200))) {
          List<String> headers = new ArrayList<>();
          each.headers().forEach(h -> headers.add(h.key() + "=" + new String(h.value(), UTF_8)));
          all.add(
              each.partition()
                  + " "
                  + new String(each.key(), UTF_8)
                  + " "
                  + new String(each.value(), UTF_8)
                  + " "
                  + String.join(" ", headers));
        }
      }
    }
    return all;
  }
}
