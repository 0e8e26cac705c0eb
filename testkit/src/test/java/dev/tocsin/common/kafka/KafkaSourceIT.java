package dev.tocsin.common.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.config.Settings;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.testkit.Backends;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class KafkaSourceIT {
  private static final int RECORDS = 60;
  private static final int RECORD_BYTES = 4 << 20;

  @Test
  void poll_staysBounded_whenMegabytesCompressToKilobytes() throws Exception {
    KafkaSettings settings =
        KafkaSettings.from(Settings.of(Map.of("kafka.bootstrap_servers", Backends.kafka())));
    TopicPartition partition = new TopicPartition(Backends.uniqueName("bounds"), 0);
    create(settings, partition.topic());
    produce(settings, partition.topic());

    KafkaSource source = new KafkaSource(settings, Map.of("max.poll.records", "2000"));
    try {
      source.assign(List.of(partition));
      source.seek(partition, 0);
      List<Long> offsets = new ArrayList<>();
      while (offsets.size() < RECORDS) {
        List<ConsumerRecord<byte[], byte[]>> polled = source.poll(Duration.ofSeconds(1));
        assertThat(polled).hasSizeLessThanOrEqualTo(3);
        polled.forEach(record -> offsets.add(record.offset()));
      }
      assertThat(offsets).isEqualTo(LongStream.range(0, RECORDS).boxed().toList());
      assertThat(source.position(partition)).isEqualTo(RECORDS);
    } finally {
      source.close();
    }
  }

  private static void create(KafkaSettings settings, String topic) throws Exception {
    try (Admin admin = Admin.create(settings.clientProperties())) {
      NewTopic made =
          new NewTopic(topic, 1, (short) 1)
              .configs(Map.of("max.message.bytes", Long.toString(Topic.MESSAGE_BYTES_MAX)));
      admin.createTopics(List.of(made)).all().get();
    }
  }

  private static void produce(KafkaSettings settings, String topic) throws Exception {
    Map<String, Object> properties = new HashMap<>(settings.clientProperties());
    properties.put("compression.type", "zstd");
    properties.put("max.request.size", Integer.toString(2 * RECORD_BYTES));
    properties.put("batch.size", Integer.toString(RECORDS * RECORD_BYTES));
    properties.put("buffer.memory", Integer.toString(2 * RECORDS * RECORD_BYTES));
    properties.put("linger.ms", "100");
    var bytes = new ByteArraySerializer();
    try (var producer = new KafkaProducer<>(properties, bytes, bytes)) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (int i = 0; i < RECORDS; i++) {
        sent.add(producer.send(new ProducerRecord<>(topic, new byte[RECORD_BYTES])));
      }
      for (Future<RecordMetadata> each : sent) {
        assertThat(each.get().hasOffset()).isTrue();
      }
    }
  }
}
