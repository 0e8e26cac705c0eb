package dev.tocsin.common.kafka;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.Health;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A named thread that drives a {@link RecordKernel} over a Kafka consumer, as {@link RecordTurns}
 * tells. The thread may block: it is the one place where consuming waits for Postgres or for a
 * transaction.
 *
 * <p>Health is progress: it is unhealthy while records wait and none becomes durable for 30 s, when
 * one turn takes that long, and for good once an {@code Error} has ended the thread. It is degraded
 * while records wait for more than 30 s although others become durable.
 */
public final class RecordLoop implements Component {
  private static final Logger log = LoggerFactory.getLogger(RecordLoop.class);

  private final String name;
  private final RecordTurns turns;
  private final Promise<Void> ended = Promise.promise();
  private volatile boolean stopping;
  private volatile @Nullable Thread thread;
  private volatile @Nullable Error died;
  private volatile long turnNanos;

  private RecordLoop(String name, RecordTurns turns, MeterRegistry metrics) {
    this.name = name;
    this.turns = turns;
    Gauge.builder("tocsin.consumer.lag.records", this, RecordLoop::lag)
        .description("Records in Kafka that are not done with yet")
        .tag("consumer", name)
        .register(metrics);
  }

  /**
   * @param name of the thread, the logs, the metrics and the health entry
   * @param tuning Kafka's consumer settings on top of read_committed and no automatic commit or
   *     reset
   * @param works makes the work of each new consumer
   */
  public static RecordLoop create(
      String name,
      KafkaSettings settings,
      Map<String, ?> tuning,
      PartitionChoice intake,
      Supplier<? extends Work> works,
      Aside aside,
      MeterRegistry metrics) {
    RecordKernel kernel = new RecordKernel(name, intake, works, aside, metrics, System::nanoTime);
    Supplier<RecordSource> sources = () -> new KafkaSource(settings, tuning);
    return new RecordLoop(name, new RecordTurns(name, kernel, sources, System::nanoTime), metrics);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Future<Void> start() {
    Thread poller = new Thread(this::run, name);
    poller.setDaemon(true);
    turnNanos = System.nanoTime();
    thread = poller;
    poller.start();
    return Future.succeededFuture();
  }

  private void run() {
    try {
      runUntilStopped();
    } catch (Error e) {
      died = e;
      log.error("{} has ended; only a restart brings it back", name, e);
      giveUp();
    } finally {
      ended.complete();
    }
  }

  private void runUntilStopped() {
    while (!stopping) {
      turnNanos = System.nanoTime();
      Duration pause = turns.turn();
      if (!stopping && !pause.isZero()) {
        LockSupport.parkNanos(pause.toNanos());
      }
    }
    try {
      turns.close();
    } catch (Exception e) {
      log.warn("{} did not close well: {}", name, e.getMessage(), e);
    }
  }

  /** A consumer that nobody closes would keep its partitions from all others for minutes. */
  private void giveUp() {
    try {
      turns.close();
    } catch (Exception | Error e) {
      log.warn("{} did not close well after its end: {}", name, e.toString());
    }
  }

  /** Records in Kafka that are not done with yet, as of the last look; from any thread. */
  public long lag() {
    return turns.lag();
  }

  @Override
  public Future<Void> stop() {
    stopping = true;
    Thread poller = thread;
    if (poller == null) {
      return Future.succeededFuture();
    }
    turns.wakeup();
    LockSupport.unpark(poller);
    return ended.future();
  }

  @Override
  public Future<Health> check() {
    Error end = died;
    if (end != null) {
      return Future.succeededFuture(Health.unhealthy(name + ": has ended: " + end));
    }
    long nowNanos = System.nanoTime();
    Health health = turns.check();
    Duration turn = Duration.ofNanos(nowNanos - turnNanos);
    boolean hangs =
        thread != null
            && !ended.future().isComplete()
            && turn.compareTo(Progress.STALLED_AFTER) > 0;
    return Future.succeededFuture(
        hangs
            ? health.and(Health.unhealthy(name + ": in one turn for " + turn.toSeconds() + " s"))
            : health);
  }
}
