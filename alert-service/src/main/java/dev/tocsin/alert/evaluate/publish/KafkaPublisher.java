package dev.tocsin.alert.evaluate.publish;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.alert.evaluate.Publication;
import dev.tocsin.alert.evaluate.Publisher;
import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.AlertStateRecord;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.KafkaSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * One Kafka transaction a publication: an alert event never becomes visible without the state that
 * says it was sent, so no successor sends it as a new one. Any failure closes the producer; the
 * next publication opens another, which also ends what the last one may have left open.
 */
public final class KafkaPublisher implements Publisher {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

  private final Map<String, Object> properties;
  private @Nullable Producer<byte[], byte[]> producer;
  private int derivedPartitions;

  private KafkaPublisher(Map<String, Object> properties) {
    this.properties = properties;
  }

  /**
   * @param instanceId names this process among all
   */
  public static Publisher create(KafkaSettings kafka, String instanceId) {
    Map<String, Object> properties = new HashMap<>(kafka.clientProperties());
    properties.put("transactional.id", "tocsin-alert-evaluate-" + instanceId);
    properties.put("transaction.timeout.ms", "10000");
    properties.put("acks", "all");
    properties.put("compression.type", "lz4");
    properties.put("linger.ms", "0");
    properties.put("max.request.size", Long.toString(Topic.MESSAGE_BYTES_MAX));
    properties.put("delivery.timeout.ms", "10000");
    properties.put("request.timeout.ms", "5000");
    properties.put("max.block.ms", "10000");
    return new KafkaPublisher(properties);
  }

  @Override
  public void publish(Publication publication) {
    try {
      Producer<byte[], byte[]> open = opened();
      open.beginTransaction();
      for (AlertEvent event : publication.events()) {
        send(open, Topic.ALERTS, event.fingerprint(), event.encode());
      }
      for (AlertStateRecord state : publication.states()) {
        send(open, Topic.ALERT_STATE, state.key(), state.encode());
      }
      for (String key : publication.forgottenStates()) {
        send(open, Topic.ALERT_STATE, key, null);
      }
      GaugeRequests.encode(publication.samples(), derivedPartitions)
          .forEach((partition, value) -> sendSamples(open, partition, value));
      open.commitTransaction();
    } catch (KafkaException e) {
      close();
      throw e;
    }
  }

  private Producer<byte[], byte[]> opened() {
    Producer<byte[], byte[]> open = producer;
    if (open == null) {
      var serializer = new ByteArraySerializer();
      open = new KafkaProducer<>(properties, serializer, serializer);
      producer = open;
      open.initTransactions();
      derivedPartitions = open.partitionsFor(Topic.DERIVED.name()).size();
    }
    return open;
  }

  private static void sendSamples(Producer<byte[], byte[]> open, int partition, byte[] value) {
    var unused = open.send(new ProducerRecord<>(Topic.DERIVED.name(), partition, null, value));
  }

  /** A failed send fails the commit, so its own future need not be looked at. */
  private static void send(
      Producer<byte[], byte[]> open, Topic topic, String key, byte @Nullable [] value) {
    var unused = open.send(new ProducerRecord<>(topic.name(), key.getBytes(UTF_8), value));
  }

  @Override
  public void close() {
    Producer<byte[], byte[]> open = producer;
    producer = null;
    if (open != null) {
      open.close(CLOSE_TIMEOUT);
    }
  }
}
