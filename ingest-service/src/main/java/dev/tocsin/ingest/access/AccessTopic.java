package dev.tocsin.ingest.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.common.contract.AccessKeyRecord;
import dev.tocsin.common.contract.ContractException;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.kafka.PollLoop;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.Health;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the ring as the topic {@link Topic#ACCESS} says. Every instance reads all of it from the
 * beginning: {@link #start} completes when it has read what was there, so no key is refused because
 * it has not been read yet. While Kafka is away the keys known last stay.
 */
final class AccessTopic implements Component {
  private static final Logger log = LoggerFactory.getLogger(AccessTopic.class);
  private static final Duration POLL = Duration.ofSeconds(1);

  private final KeyRing ring;
  private final PollLoop loop;
  private final Promise<Void> replayed = Promise.promise();

  AccessTopic(KafkaSettings kafka, KeyRing ring) {
    this.ring = ring;
    this.loop = new PollLoop("access-keys", kafka, Map.of(), Replay::new);
  }

  @Override
  public String name() {
    return loop.name();
  }

  @Override
  public Future<Void> start() {
    return loop.start().compose(started -> replayed.future());
  }

  @Override
  public Future<Void> stop() {
    replayed.tryFail("stopped before the access keys were read");
    return loop.stop();
  }

  @Override
  public Future<Health> check() {
    return loop.check();
  }

  @Override
  public boolean ready() {
    return replayed.future().succeeded();
  }

  /** One reading from the beginning and on; the ring sees nothing of it until it is complete. */
  private final class Replay implements PollLoop.Work {
    private final Map<String, AccessKeyRecord> keys = new HashMap<>();
    private Map<TopicPartition, Long> ends = Map.of();
    private boolean complete;

    @Override
    public void open(Consumer<byte[], byte[]> consumer) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topic.ACCESS.name()).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      ends = consumer.endOffsets(partitions);
    }

    @Override
    public void turn(Consumer<byte[], byte[]> consumer) {
      // An empty topic has nothing to wait for.
      boolean wait = complete || !reached(consumer);
      ConsumerRecords<byte[], byte[]> records = consumer.poll(wait ? POLL : Duration.ZERO);
      records.forEach(this::read);
      if (complete ? !records.isEmpty() : reached(consumer)) {
        ring.replace(KeyRing.Source.TOPIC, keys.values());
        if (!complete) {
          log.info("{} access keys read from {}", keys.size(), Topic.ACCESS.name());
        }
        complete = true;
        replayed.tryComplete();
      }
    }

    private boolean reached(Consumer<byte[], byte[]> consumer) {
      return ends.entrySet().stream()
          .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    private void read(ConsumerRecord<byte[], byte[]> message) {
      if (message.key() == null) {
        log.warn("an access key without a key id, offset {}", message.offset());
        return;
      }
      String keyId = new String(message.key(), UTF_8);
      // What cannot be read may be a revocation: the key does not count any more either way.
      AccessKeyRecord unused = keys.remove(keyId);
      if (message.value() != null) {
        try {
          AccessKeyRecord key = AccessKeyRecord.decode(message.value());
          keys.put(keyId, key);
        } catch (ContractException e) {
          log.warn("access key {} cannot be read and is not valid: {}", keyId, e.getMessage());
        }
      }
    }
  }
}
