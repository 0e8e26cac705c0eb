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
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A named thread that drives a {@link RecordKernel} over a Kafka consumer. When the world fails,
 * the consumer is closed, and after a pause (100 ms doubling to 5 s) another one goes on where it
 * was: recovery and first start are one path. The thread may block: it is the one place where
 * consuming waits for Postgres or for a transaction.
 *
 * <p>Health is progress: it is unhealthy while records wait and none becomes durable for 30 s, when
 * one turn takes that long, and for good once an {@code Error} has ended the thread.
 */
public final class RecordLoop implements Component {
  private static final Logger log = LoggerFactory.getLogger(RecordLoop.class);
  private static final long BACKOFF_FIRST_MS = 100;
  private static final long BACKOFF_MAX_MS = 5_000;
  private static final Duration RAN_WELL_AFTER = Duration.ofSeconds(30);

  private final String name;
  private final RecordKernel kernel;
  private final Supplier<RecordSource> sources;
  private final Promise<Void> ended = Promise.promise();
  private volatile boolean stopping;
  private volatile @Nullable RecordSource current;
  private volatile @Nullable Thread thread;
  private volatile @Nullable Error died;
  private volatile long turnNanos;
  private String problem = "";

  private RecordLoop(
      String name, RecordKernel kernel, Supplier<RecordSource> sources, MeterRegistry metrics) {
    this.name = name;
    this.kernel = kernel;
    this.sources = sources;
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
      Intake intake,
      Supplier<? extends Work> works,
      Aside aside,
      MeterRegistry metrics) {
    RecordKernel kernel = new RecordKernel(name, intake, works, aside, metrics, System::nanoTime);
    return new RecordLoop(name, kernel, () -> new KafkaSource(settings, tuning), metrics);
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
    } finally {
      ended.complete();
    }
  }

  private void runUntilStopped() {
    long backoffMs = BACKOFF_FIRST_MS;
    while (!stopping) {
      long began = System.nanoTime();
      try {
        runOnce();
      } catch (WakeupException e) {
        log.debug("{} woken to stop", name);
      } catch (Exception e) {
        Duration ran = Duration.ofNanos(System.nanoTime() - began);
        backoffMs = ran.compareTo(RAN_WELL_AFTER) >= 0 ? BACKOFF_FIRST_MS : backoffMs;
        report(e, backoffMs);
        LockSupport.parkNanos(Duration.ofMillis(stopping ? 0 : backoffMs).toNanos());
        backoffMs = Math.min(BACKOFF_MAX_MS, backoffMs * 2);
      }
    }
  }

  private void runOnce() throws Exception {
    turnNanos = System.nanoTime();
    RecordSource source = sources.get();
    current = source;
    try {
      kernel.open(source);
      while (!stopping) {
        turnNanos = System.nanoTime();
        kernel.step();
        well();
      }
    } catch (Exception e) {
      closeAfter(e);
      throw e;
    }
    current = null;
    kernel.close();
  }

  private void closeAfter(Exception failure) {
    current = null;
    try {
      kernel.close();
    } catch (Exception alsoFailed) {
      failure.addSuppressed(alsoFailed);
    }
  }

  /** A turn that went well proves nothing while the records that failed still wait. */
  private void well() {
    if (!problem.isEmpty() && kernel.progress().lag() == 0) {
      problem = "";
      kernel.progress().cause("");
      log.info("{} is well again", name);
    }
  }

  private void report(Exception e, long backoffMs) {
    String text = Failures.rootMessage(e);
    if (!text.equals(problem)) {
      log.warn("{}: {}; beginning again in {} ms", name, text, backoffMs, e);
    }
    problem = text;
    kernel.progress().cause(text);
  }

  /** Records in Kafka that are not done with yet, as of the last look; from any thread. */
  public long lag() {
    return kernel.progress().lag();
  }

  @Override
  public Future<Void> stop() {
    stopping = true;
    Thread poller = thread;
    if (poller == null) {
      return Future.succeededFuture();
    }
    RecordSource source = current;
    if (source != null) {
      source.wakeup();
    }
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
    Health health = kernel.progress().check(name, nowNanos);
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
