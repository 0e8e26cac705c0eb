package dev.tocsin.common.kafka;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.Health;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A named thread that owns one Kafka consumer and runs a {@link Work} on it. Any failure closes the
 * consumer, waits (100 ms doubling to 5 s) and begins again with a new consumer and a new Work, so
 * recovery and first start are one path. The thread may block: it is the one place where consuming
 * waits for Postgres or for a transaction.
 */
public final class PollLoop implements Component {
  private static final Logger log = LoggerFactory.getLogger(PollLoop.class);
  private static final long BACKOFF_FIRST_MS = 100;
  private static final long BACKOFF_MAX_MS = 5_000;

  /**
   * What is done with the consumer; made anew after each failure, used by the loop's thread only.
   */
  public interface Work {
    /** Subscribes or assigns, and seeks. */
    void open(Consumer<byte[], byte[]> consumer) throws Exception;

    /** One turn: polls once and handles what came. Called again at once until the loop stops. */
    void turn(Consumer<byte[], byte[]> consumer) throws Exception;

    /** Last words before the consumer closes, on failure too; flush here only what is safe. */
    default void close(Consumer<byte[], byte[]> consumer) throws Exception {}
  }

  private final String name;
  private final Map<String, Object> properties;
  private final Supplier<? extends Work> works;
  private final Promise<Void> ended = Promise.promise();
  private volatile boolean stopping;
  private volatile @Nullable Consumer<byte[], byte[]> current;
  private volatile @Nullable Thread thread;
  private volatile String problem = "";

  /**
   * @param name of the thread, the logs and the health entry
   * @param tuning Kafka's consumer settings on top of read_committed and no auto commit
   */
  public PollLoop(
      String name, KafkaSettings settings, Map<String, ?> tuning, Supplier<? extends Work> works) {
    this.name = name;
    this.works = works;
    Map<String, Object> all = new HashMap<>(settings.clientProperties());
    all.put("enable.auto.commit", "false");
    all.put("isolation.level", "read_committed");
    all.put("auto.offset.reset", "earliest");
    // Data ends the wait at once; an idle consumer should ask seldom.
    all.put("fetch.max.wait.ms", "1000");
    all.put("max.partition.fetch.bytes", "8388608");
    all.put("allow.auto.create.topics", "false");
    all.putAll(tuning);
    this.properties = Map.copyOf(all);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Future<Void> start() {
    Thread poller = new Thread(this::run, name);
    poller.setDaemon(true);
    thread = poller;
    poller.start();
    return Future.succeededFuture();
  }

  private void run() {
    long backoffMs = BACKOFF_FIRST_MS;
    while (!stopping) {
      long began = System.nanoTime();
      try {
        runOnce();
      } catch (WakeupException e) {
        log.debug("{} woken to stop", name);
      } catch (Exception e) {
        boolean ranWell = Duration.ofNanos(System.nanoTime() - began).toSeconds() >= 30;
        backoffMs = ranWell ? BACKOFF_FIRST_MS : backoffMs;
        report(e, backoffMs);
        LockSupport.parkNanos(Duration.ofMillis(stopping ? 0 : backoffMs).toNanos());
        backoffMs = Math.min(BACKOFF_MAX_MS, backoffMs * 2);
      }
    }
    ended.complete();
  }

  private void runOnce() throws Exception {
    Work work = works.get();
    var deserializer = new ByteArrayDeserializer();
    try (Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, deserializer, deserializer)) {
      current = consumer;
      try {
        work.open(consumer);
        while (!stopping) {
          work.turn(consumer);
          problem = "";
        }
      } finally {
        current = null;
        work.close(consumer);
      }
    }
  }

  private void report(Exception e, long backoffMs) {
    String text = name + ": " + KafkaTopics.rootMessage(e);
    if (!text.equals(problem)) {
      log.warn("{}; beginning again in {} ms", text, backoffMs, e);
    }
    problem = text;
  }

  @Override
  public Future<Void> stop() {
    stopping = true;
    Thread poller = thread;
    if (poller == null) {
      return Future.succeededFuture();
    }
    Consumer<byte[], byte[]> consumer = current;
    if (consumer != null) {
      consumer.wakeup();
    }
    LockSupport.unpark(poller);
    return ended.future();
  }

  @Override
  public Future<Health> check() {
    return Future.succeededFuture(problem.isEmpty() ? Health.healthy() : Health.degraded(problem));
  }
}
