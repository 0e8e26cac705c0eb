package dev.tocsin.ingest.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.common.contract.AccessKeyRecord;
import dev.tocsin.common.contract.ContractException;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.Aside;
import dev.tocsin.common.kafka.Extent;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.kafka.PartitionChoice;
import dev.tocsin.common.kafka.RecordLoop;
import dev.tocsin.common.kafka.Verdict;
import dev.tocsin.common.kafka.Work;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.Health;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
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
  private final RecordLoop loop;
  private final Promise<Void> replayed = Promise.promise();

  /** A record that cannot be read is counted only: it stays where all instances read it. */
  AccessTopic(KafkaSettings kafka, KeyRing ring, MeterRegistry metrics) {
    this.ring = ring;
    this.loop =
        RecordLoop.create(
            "access-keys",
            kafka,
            Map.of(),
            PartitionChoice.all(List.of(Topic.ACCESS.name())),
            Replay::new,
            Aside.counting(metrics),
            metrics);
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
  private final class Replay implements Work {
    private final Map<TopicPartition, Map<String, AccessKeyRecord>> keys = new HashMap<>();
    private final Map<TopicPartition, Long> ends = new HashMap<>();
    private boolean changed = true;
    private boolean complete;
    private boolean waits;

    @Override
    public long begin(TopicPartition partition, Extent extent) {
      keys.put(partition, new HashMap<>());
      ends.put(partition, extent.end());
      complete = false;
      changed = true;
      return extent.beginning();
    }

    @Override
    public Duration pollWait() {
      // An empty topic has nothing to wait for.
      return waits ? POLL : Duration.ZERO;
    }

    @Override
    public Verdict take(ConsumerRecord<byte[], byte[]> message) {
      if (message.key() == null) {
        return Verdict.putAside("malformed", "an access key without a key id");
      }
      // What cannot be read may be a revocation: the key does not count any more either way.
      skip(message);
      if (message.value() == null) {
        return Verdict.TAKEN;
      }
      String keyId = keyId(message);
      try {
        of(message).put(keyId, AccessKeyRecord.decode(message.value()));
        return Verdict.TAKEN;
      } catch (ContractException e) {
        return Verdict.putAside(
            "malformed", "access key " + keyId + " is not valid: " + e.getMessage());
      }
    }

    @Override
    public void skip(ConsumerRecord<byte[], byte[]> message) {
      changed = true;
      if (message.key() != null) {
        AccessKeyRecord unused = of(message).remove(keyId(message));
      }
    }

    private Map<String, AccessKeyRecord> of(ConsumerRecord<byte[], byte[]> message) {
      TopicPartition partition = new TopicPartition(message.topic(), message.partition());
      return keys.computeIfAbsent(partition, p -> new HashMap<>());
    }

    @Override
    public void flush(Turn turn) {
      boolean reached =
          ends.entrySet().stream().allMatch(end -> turn.position(end.getKey()) >= end.getValue());
      if (changed && reached) {
        List<AccessKeyRecord> all =
            keys.values().stream().flatMap(some -> some.values().stream()).toList();
        ring.replace(KeyRing.Source.TOPIC, all);
        if (!complete) {
          log.info("{} access keys read from {}", all.size(), Topic.ACCESS.name());
        }
        changed = false;
        complete = true;
        replayed.tryComplete();
      }
      waits = true;
      ends.keySet().forEach(partition -> turn.durable(partition, turn.position(partition)));
    }
  }

  private static String keyId(ConsumerRecord<byte[], byte[]> message) {
    return new String(message.key(), UTF_8);
  }
}
