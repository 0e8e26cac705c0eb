package dev.tocsin.incident.consume;

import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.ContractException;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.DeadLetters;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.kafka.PollLoop;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.incident.IncidentStore;
import dev.tocsin.incident.IncidentStore.Position;
import dev.tocsin.incident.IncidentStore.UnstorableException;
import dev.tocsin.incident.Lifecycle;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Reads alert events, each in a transaction that also moves the stored offset of its partition: a
 * replay and a consumer that lost its partition write nothing. Kafka's committed offset only shows
 * the lag.
 */
public final class AlertConsumer implements PollLoop.Work {
  /** The consumer group. */
  public static final String GROUP = "tocsin-incident";

  private static final Duration POLL = Duration.ofMillis(500);
  private static final long STORE_TIMEOUT_SECONDS = 60;
  private static final int FINGERPRINT_CHARS_MAX = 200;
  private static final Instant STARTS_AT_MAX = Instant.parse("9999-12-31T00:00:00Z");

  private final IncidentStore store;
  private final DeadLetters deadLetters;
  private final Lifecycle lifecycle;
  private final Map<TopicPartition, Long> nextOffsets = new HashMap<>();
  private @Nullable RuntimeException assignmentFailure;

  private AlertConsumer(IncidentStore store, DeadLetters deadLetters, Lifecycle lifecycle) {
    this.store = store;
    this.deadLetters = deadLetters;
    this.lifecycle = lifecycle;
  }

  public static Component create(
      KafkaSettings kafka, IncidentStore store, DeadLetters deadLetters, Lifecycle lifecycle) {
    Map<String, String> tuning =
        Map.of(
            "group.id", GROUP,
            "max.poll.records", "200",
            "session.timeout.ms", "10000",
            "heartbeat.interval.ms", "2000");
    return new PollLoop(
        "alert-consumer", kafka, tuning, () -> new AlertConsumer(store, deadLetters, lifecycle));
  }

  @Override
  public void open(Consumer<byte[], byte[]> consumer) {
    consumer.subscribe(
        List.of(Topic.ALERTS.name()),
        new ConsumerRebalanceListener() {
          @Override
          public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            try {
              partitions.forEach(partition -> seek(consumer, partition));
            } catch (RuntimeException e) {
              // Kafka logs what a listener throws; the turn throws it where it is handled.
              assignmentFailure = e;
            }
          }

          @Override
          public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            partitions.forEach(nextOffsets::remove);
          }
        });
  }

  /** To the stored offset; a partition seen for the first time is read from its beginning. */
  private void seek(Consumer<byte[], byte[]> consumer, TopicPartition partition) {
    long first = consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L);
    long next = await(store.nextOffset(partition.partition(), first));
    nextOffsets.put(partition, next);
    consumer.seek(partition, next);
  }

  @Override
  public void turn(Consumer<byte[], byte[]> consumer) {
    Map<TopicPartition, OffsetAndMetadata> done = new HashMap<>();
    ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
    if (assignmentFailure != null) {
      throw assignmentFailure;
    }
    for (ConsumerRecord<byte[], byte[]> message : polled) {
      TopicPartition partition = new TopicPartition(message.topic(), message.partition());
      take(message, partition);
      done.put(partition, new OffsetAndMetadata(message.offset() + 1));
    }
    if (!done.isEmpty()) {
      consumer.commitAsync(done, null);
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> message, TopicPartition partition) {
    long expected = nextOffsets.getOrDefault(partition, message.offset());
    long next = message.offset() + 1;
    Position position = new Position(message.partition(), expected, next);
    try {
      AlertEvent event = AlertEvent.decode(message.value());
      Optional<String> unusable = unusable(event);
      if (unusable.isPresent()) {
        putAside(message, position, unusable.get());
      } else {
        lifecycle.committed(await(store.alert(position, event)));
      }
    } catch (ContractException | UnstorableException e) {
      putAside(message, position, String.valueOf(e.getMessage()));
    }
    nextOffsets.put(partition, next);
  }

  /** The letter first: after a crash in between it is there twice, but never missing. */
  private void putAside(ConsumerRecord<byte[], byte[]> message, Position position, String why) {
    await(deadLetters.put(message, "malformed", why));
    await(store.skip(position));
  }

  /** A record may lack fields its decoder does not insist on. */
  @SuppressWarnings("ConstantValue")
  private static Optional<String> unusable(AlertEvent event) {
    String fingerprint = event.fingerprint();
    if (fingerprint == null
        || fingerprint.isBlank()
        || fingerprint.length() > FINGERPRINT_CHARS_MAX) {
      return Optional.of(
          "fingerprint: %s (expected: 1-%d characters)"
              .formatted(fingerprint, FINGERPRINT_CHARS_MAX));
    }
    if (event.rule() == null || event.ruleGroup() == null) {
      return Optional.of("rule: null (expected: group and name)");
    }
    if (event.startsAt().isBefore(Instant.EPOCH) || event.startsAt().isAfter(STARTS_AT_MAX)) {
      return Optional.of("startsAt: " + event.startsAt() + " (expected: 1970 to 9999)");
    }
    return Optional.empty();
  }

  /** Blocks: the poll thread is the place for it. */
  private static <T> T await(Future<T> future) {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(STORE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(String.valueOf(e.getCause()), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while storing", e);
    } catch (TimeoutException e) {
      throw new IllegalStateException("no answer in " + STORE_TIMEOUT_SECONDS + " s", e);
    }
  }
}
