package dev.tocsin.ingest.limits;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.common.contract.ContractException;
import dev.tocsin.common.contract.StorageLimitsRecord;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.Aside;
import dev.tocsin.common.kafka.Extent;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.kafka.PartitionChoice;
import dev.tocsin.common.kafka.RecordLoop;
import dev.tocsin.common.kafka.RecordSource;
import dev.tocsin.common.kafka.Verdict;
import dev.tocsin.common.kafka.Work;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.Health;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the limits as the topic {@link Topic#STORAGE_LIMITS} says. {@link #start} completes when
 * what was there has been read, so that no request is judged by less; where the topic does not
 * exist, or cannot be read for a few seconds, it completes without. While Kafka is away the limits
 * known last stay.
 */
public final class StorageLimitsTopic implements Component {
  private static final Logger log = LoggerFactory.getLogger(StorageLimitsTopic.class);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final long START_WAIT_MS = 3_000;

  private final Vertx vertx;
  private final Topic topic;
  private final StorageLimits limits;
  private final RecordLoop loop;
  private final Promise<Void> replayed = Promise.promise();
  private volatile boolean missing;

  /** A record that cannot be read is counted only: it stays where all instances read it. */
  public StorageLimitsTopic(
      Vertx vertx, KafkaSettings kafka, Topic topic, StorageLimits limits, MeterRegistry metrics) {
    this.vertx = vertx;
    this.topic = topic;
    this.limits = limits;
    this.loop =
        RecordLoop.create(
            "storage-limits",
            kafka,
            Map.of(),
            PartitionChoice.all(List.of(topic.name())),
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
    long timer = vertx.setTimer(START_WAIT_MS, id -> replayed.tryComplete());
    return loop.start()
        .compose(started -> replayed.future())
        .onComplete(
            done -> {
              boolean unused = vertx.cancelTimer(timer);
            });
  }

  @Override
  public Future<Void> stop() {
    replayed.tryComplete();
    return loop.stop();
  }

  /** Without limits everything is taken, which is no fault of this service. */
  @Override
  public Future<Health> check() {
    Health unlimited =
        Health.noted(
            "what storage takes is not known (no record in topic "
                + topic.name()
                + "): items of any time are accepted here");
    if (missing) {
      return Future.succeededFuture(unlimited);
    }
    return loop.check().map(health -> limits.isKnown() ? health : health.and(unlimited));
  }

  /** One reading from the beginning and on. */
  private final class Replay implements Work {
    private final Map<TopicPartition, Long> ends = new HashMap<>();
    private @Nullable StorageLimitsRecord newest;
    private boolean changed = true;
    private boolean waits;

    @Override
    public void open(RecordSource source) {
      missing = source.partitions(topic.name()).isEmpty();
      if (missing) {
        limits.set(null);
        replayed.tryComplete();
      }
    }

    @Override
    public long begin(TopicPartition partition, Extent extent) {
      ends.put(partition, extent.end());
      newest = null;
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
      if (!isOurs(message)) {
        return Verdict.TAKEN;
      }
      skip(message);
      if (message.value() == null) {
        return Verdict.TAKEN;
      }
      try {
        newest = StorageLimitsRecord.decode(message.value());
        return Verdict.TAKEN;
      } catch (ContractException e) {
        return Verdict.putAside("malformed", "what storage takes: " + e.getMessage());
      }
    }

    /** What cannot be read may be anything: no limit is guessed. */
    @Override
    public void skip(ConsumerRecord<byte[], byte[]> message) {
      if (isOurs(message)) {
        newest = null;
        changed = true;
      }
    }

    private static boolean isOurs(ConsumerRecord<byte[], byte[]> message) {
      return message.key() != null
          && StorageLimitsRecord.KEY.equals(new String(message.key(), UTF_8));
    }

    @Override
    public void flush(Turn turn) {
      boolean reached =
          ends.entrySet().stream().allMatch(end -> turn.position(end.getKey()) >= end.getValue());
      if (changed && reached) {
        limits.set(newest);
        log.info("storage takes {}", newest == null ? "what it does not say" : newest);
        changed = false;
        replayed.tryComplete();
      }
      waits = true;
      ends.keySet().forEach(partition -> turn.durable(partition, turn.position(partition)));
    }
  }
}
