package dev.tocsin.common.kafka;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.Health;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * The native idempotent producer behind Vert.x futures. {@link #send} never blocks: the client runs
 * with {@code max.block.ms=0} and the metadata of its topics is fetched before {@link #start}
 * completes and never expires. A full buffer or an unknown topic fails the future at once with
 * Kafka's retriable {@code TimeoutException}.
 *
 * <p>Futures complete on the context of the caller, or on the producer's thread outside any
 * context. Success means Kafka acknowledged with {@code acks=all}.
 */
public final class RecordProducer implements Component {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private final Vertx vertx;
  private final Map<String, Object> properties;
  private final Map<String, Object> adminProperties;
  private final Collection<Topic> topics;
  private volatile @Nullable KafkaProducer<byte[], byte[]> producer;
  private volatile @Nullable Admin admin;
  private volatile boolean stopped;
  private volatile boolean warm;
  private volatile String lastFailure = "";

  /**
   * @param topics the only topics this producer is used for
   * @param tuning Kafka's producer settings on top of the durable defaults
   */
  public RecordProducer(
      Vertx vertx, KafkaSettings settings, Collection<Topic> topics, Map<String, ?> tuning) {
    this.vertx = vertx;
    this.topics = List.copyOf(topics);
    Map<String, Object> all = new HashMap<>(settings.clientProperties());
    all.put("acks", "all");
    all.put("enable.idempotence", "true");
    all.put("compression.type", "lz4");
    all.put("linger.ms", "5");
    all.put("max.request.size", Long.toString(Topic.MESSAGE_BYTES_MAX));
    all.put("delivery.timeout.ms", "10000");
    all.put("request.timeout.ms", "5000");
    all.put("metadata.max.idle.ms", Long.toString(Duration.ofDays(3650).toMillis()));
    all.putAll(tuning);
    all.put("max.block.ms", "0");
    this.properties = Map.copyOf(all);
    this.adminProperties = settings.clientProperties();
  }

  @Override
  public String name() {
    return "kafka-producer";
  }

  @Override
  public Future<Void> start() {
    // The constructor resolves host names, so it runs on a worker.
    return vertx
        .executeBlocking(
            () -> {
              var serializer = new ByteArraySerializer();
              producer = new KafkaProducer<>(properties, serializer, serializer);
              admin = Admin.create(adminProperties);
              return null;
            },
            false)
        .compose(ignored -> warmUp());
  }

  /** Asks for each topic's partitions until the answer is there. */
  private Future<Void> warmUp() {
    if (stopped) {
      return Future.failedFuture(new IllegalStateException("stopped while waiting for Kafka"));
    }
    KafkaProducer<byte[], byte[]> open = opened();
    return vertx
        .executeBlocking(
            () -> {
              for (Topic topic : topics) {
                open.partitionsFor(topic.name());
              }
              lastFailure = "";
              warm = true;
              return (Void) null;
            },
            false)
        .recover(
            failure -> {
              lastFailure = KafkaTopics.rootMessage(failure);
              Promise<Void> later = Promise.promise();
              vertx.setTimer(50, id -> later.complete());
              return later.future().compose(v -> warmUp());
            });
  }

  /** How many partitions the topic has, from the metadata held in memory. */
  public int partitions(Topic topic) {
    return opened().partitionsFor(topic.name()).size();
  }

  /** Sends one record; see the class comment for what the future tells. */
  public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> message) {
    Context context = Vertx.currentContext();
    Promise<RecordMetadata> promise = Promise.promise();
    try {
      var unused =
          opened()
              .send(message, (metadata, failure) -> settle(context, promise, metadata, failure));
    } catch (RuntimeException e) {
      settle(null, promise, null, e);
    }
    return promise.future();
  }

  private void settle(
      @Nullable Context context,
      Promise<RecordMetadata> promise,
      @Nullable RecordMetadata metadata,
      @Nullable Exception failure) {
    if (failure != null) {
      lastFailure = KafkaTopics.rootMessage(failure);
    } else if (!lastFailure.isEmpty()) {
      lastFailure = "";
    }
    Runnable finish =
        () -> {
          if (failure == null) {
            promise.complete(metadata);
          } else {
            promise.fail(failure);
          }
        };
    if (context == null) {
      finish.run();
    } else {
      context.runOnContext(ignored -> finish.run());
    }
  }

  @Override
  public Future<Void> stop() {
    stopped = true;
    KafkaProducer<byte[], byte[]> open = producer;
    Admin openAdmin = admin;
    producer = null;
    admin = null;
    return vertx.executeBlocking(
        () -> {
          if (open != null) {
            open.close(CLOSE_TIMEOUT);
          }
          if (openAdmin != null) {
            openAdmin.close(Duration.ZERO);
          }
          return null;
        },
        false);
  }

  /** Asks the cluster, so that the answer is right without traffic too. */
  @Override
  public Future<Health> check() {
    Admin open = admin;
    if (open == null) {
      return Future.succeededFuture(
          Health.degraded("Kafka: " + (lastFailure.isEmpty() ? "not begun yet" : lastFailure)));
    }
    int timeoutMs = (int) CHECK_WAIT_MAX.toMillis();
    return Future.fromCompletionStage(
            open.describeCluster(new DescribeClusterOptions().timeoutMs(timeoutMs))
                .controller()
                .toCompletionStage())
        .map(
            controller -> {
              lastFailure = "";
              return Health.healthy();
            })
        .otherwise(
            failure -> {
              lastFailure = KafkaTopics.rootMessage(failure);
              return Health.degraded("Kafka: " + lastFailure);
            });
  }

  /** False until the first metadata came, and while the last send or check failed. */
  @Override
  public boolean ready() {
    return warm && lastFailure.isEmpty();
  }

  private KafkaProducer<byte[], byte[]> opened() {
    KafkaProducer<byte[], byte[]> open = producer;
    if (open == null) {
      throw new TimeoutException("the Kafka producer is not running");
    }
    return open;
  }
}
