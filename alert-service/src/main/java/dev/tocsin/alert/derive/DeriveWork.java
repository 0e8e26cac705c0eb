package dev.tocsin.alert.derive;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.DeadLetters;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.kafka.PollLoop;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Consume, transform, produce in one Kafka transaction a batch: the deltas, the dead letters and
 * the offsets become visible together or not at all, so every span counts exactly once.
 */
final class DeriveWork implements PollLoop.Work, ConsumerRebalanceListener {
  /** With more records waiting it says nothing of itself: it does not know what is in them. */
  private static final long BEHIND_RECORDS = 2_000;

  private static final Duration IDLE_POLL = Duration.ofMillis(500);

  private final String worker;
  private final DeriveOptions options;
  private final KafkaSettings kafka;
  private final InstantSource clock;
  private final DeriveMetrics metrics;
  private final SpanNameLimit names;
  private final Heartbeats heartbeats;
  private final Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> pending = new HashMap<>();
  private @Nullable Producer<byte[], byte[]> opened;
  private int derivedPartitions;
  private long previousCommitMs;
  private long transactedNanos = System.nanoTime();
  private long ownHeartbeatMs;

  DeriveWork(
      String worker,
      DeriveOptions options,
      KafkaSettings kafka,
      InstantSource clock,
      DeriveMetrics metrics) {
    this.worker = worker;
    this.options = options;
    this.kafka = kafka;
    this.clock = clock;
    this.metrics = metrics;
    this.names = new SpanNameLimit(options.servicesMax(), options.spanNamesPerServiceMax());
    this.heartbeats =
        new Heartbeats(options.heartbeatInterval().toMillis(), options.instancesMax());
  }

  @Override
  public void open(Consumer<byte[], byte[]> consumer) {
    Map<String, Object> properties = new HashMap<>(kafka.clientProperties());
    properties.put("transactional.id", "tocsin-alert-derive-" + worker);
    // Readers of committed data wait for an open transaction: a killed process must not hold them
    // up for Kafka's default of a minute.
    properties.put("transaction.timeout.ms", "10000");
    properties.put("acks", "all");
    properties.put("compression.type", "lz4");
    properties.put("linger.ms", "0");
    properties.put("max.request.size", Long.toString(Topic.MESSAGE_BYTES_MAX));
    properties.put("delivery.timeout.ms", "10000");
    properties.put("request.timeout.ms", "5000");
    properties.put("max.block.ms", "10000");
    var serializer = new ByteArraySerializer();
    Producer<byte[], byte[]> producer = new KafkaProducer<>(properties, serializer, serializer);
    opened = producer;
    producer.initTransactions();
    derivedPartitions = producer.partitionsFor(Topic.DERIVED.name()).size();
    previousCommitMs = clock.millis();
    consumer.subscribe(Derive.SOURCES.stream().map(Topic::name).toList(), this);
  }

  @Override
  public void turn(Consumer<byte[], byte[]> consumer) {
    long bytes = collect(consumer, IDLE_POLL);
    // At most one transaction in this time, but none waits for company when there was none lately.
    long deadline = transactedNanos + options.batch().toNanos();
    while (bytes > 0 && bytes < options.batchBytesMax()) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        break;
      }
      bytes += collect(consumer, Duration.ofNanos(left));
    }
    boolean ownHeartbeatDue =
        clock.millis() - ownHeartbeatMs >= options.heartbeatInterval().toMillis()
            && !consumer.assignment().isEmpty()
            && lag(consumer) < BEHIND_RECORDS;
    if (!pending.isEmpty() || ownHeartbeatDue) {
      transact(consumer, ownHeartbeatDue);
    }
  }

  private long collect(Consumer<byte[], byte[]> consumer, Duration wait) {
    long bytes = 0;
    for (ConsumerRecord<byte[], byte[]> message : consumer.poll(wait)) {
      TopicPartition partition = new TopicPartition(message.topic(), message.partition());
      pending.computeIfAbsent(partition, p -> new ArrayList<>()).add(message);
      bytes += Math.max(1, message.serializedValueSize());
    }
    return bytes;
  }

  private void transact(Consumer<byte[], byte[]> consumer, boolean ownHeartbeatDue) {
    long began = System.nanoTime();
    long nowMs = clock.millis();
    long overflowsBefore = names.overflows();
    Producer<byte[], byte[]> producer = producer();
    List<ProducerRecord<byte[], byte[]>> letters = new ArrayList<>();
    List<String> malformed = new ArrayList<>();
    RedBatch red = new RedBatch();
    int spans = 0;
    int records = 0;
    long newestMs = 0;
    for (List<ConsumerRecord<byte[], byte[]>> messages : pending.values()) {
      for (ConsumerRecord<byte[], byte[]> message : messages) {
        spans += derive(message, red, letters, malformed, nowMs);
        records++;
        newestMs = Math.max(newestMs, message.timestamp());
      }
    }
    names.sweep(nowMs);
    DerivedRequests requests = new DerivedRequests(derivedPartitions, previousCommitMs, nowMs);
    requests.add(red);
    heartbeats.take().forEach(requests::add);
    if (ownHeartbeatDue) {
      requests.addOwnHeartbeat(worker);
    }
    producer.beginTransaction();
    try {
      requests.encode().forEach((partition, value) -> send(producer, partition, value));
      letters.forEach(letter -> send(producer, letter));
      if (!pending.isEmpty()) {
        producer.sendOffsetsToTransaction(offsets(), consumer.groupMetadata());
      }
      producer.commitTransaction();
    } catch (KafkaException e) {
      abort(producer, e);
      throw e;
    }
    malformed.forEach(metrics::deadLetter);
    pending.clear();
    transactedNanos = began;
    previousCommitMs = nowMs;
    ownHeartbeatMs = ownHeartbeatDue ? nowMs : ownHeartbeatMs;
    metrics.committed(
        records, spans, names.overflows() - overflowsBefore, System.nanoTime() - began);
    metrics.behind(lag(consumer), newestMs == 0 ? 0 : Math.max(0, clock.millis() - newestMs));
  }

  private int derive(
      ConsumerRecord<byte[], byte[]> message,
      RedBatch red,
      List<ProducerRecord<byte[], byte[]>> letters,
      List<String> malformed,
      long nowMs) {
    byte[] value = message.value();
    if (value == null) {
      return 0;
    }
    try {
      boolean traces = message.topic().equals(Topic.SPANS.name());
      OtlpFacts facts = traces ? OtlpFacts.ofTraces(value) : OtlpFacts.ofResources(value);
      facts.resources().forEach(resource -> heartbeats.seen(resource, nowMs));
      facts.spans().forEach(span -> red.add(names.admit(span, nowMs)));
      return facts.spans().size();
    } catch (InvalidProtocolBufferException e) {
      letters.add(DeadLetters.letter(message, "malformed", "derive: " + e.getMessage()));
      malformed.add(message.topic());
      return 0;
    }
  }

  private static void send(Producer<byte[], byte[]> producer, int partition, byte[] value) {
    send(producer, new ProducerRecord<>(Topic.DERIVED.name(), partition, null, value));
  }

  /** A failed send fails the commit, so its own future need not be looked at. */
  private static void send(
      Producer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> message) {
    var unused = producer.send(message);
  }

  private Map<TopicPartition, OffsetAndMetadata> offsets() {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    pending.forEach(
        (partition, messages) -> {
          ConsumerRecord<byte[], byte[]> last = messages.get(messages.size() - 1);
          offsets.put(partition, new OffsetAndMetadata(last.offset() + 1, last.leaderEpoch(), ""));
        });
    return offsets;
  }

  private static void abort(Producer<byte[], byte[]> producer, KafkaException cause) {
    if (cause instanceof ProducerFencedException) {
      return;
    }
    try {
      producer.abortTransaction();
    } catch (KafkaException alreadyBroken) {
      cause.addSuppressed(alreadyBroken);
    }
  }

  private static long lag(Consumer<byte[], byte[]> consumer) {
    return consumer.assignment().stream()
        .mapToLong(partition -> consumer.currentLag(partition).orElse(0))
        .sum();
  }

  private Producer<byte[], byte[]> producer() {
    Producer<byte[], byte[]> producer = opened;
    if (producer == null) {
      throw new IllegalStateException("not open");
    }
    return producer;
  }

  /** What another thread will read again must not be committed here. */
  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    pending.keySet().removeAll(partitions);
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {}

  @Override
  public void close(Consumer<byte[], byte[]> consumer) {
    Producer<byte[], byte[]> producer = opened;
    opened = null;
    if (producer != null) {
      producer.close(Duration.ofSeconds(5));
    }
  }
}
