package dev.tocsin.storage.merge;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.common.runtime.ServiceContext;
import io.micrometer.core.instrument.Counter;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Merges one group of segments after the other, resting after each so long that merging takes no
 * more than its share; looks again after an interval when there is nothing to do. A failure is
 * reported, and tried again after that interval too.
 */
public final class Merger implements Component {
  private static final Logger log = LoggerFactory.getLogger(Merger.class);
  private static final long REST_MIN_MS = 10;

  private final ServiceContext context;
  private final MergeStore store;
  private final MergeSettings settings;
  private final Counter merged;
  private final Promise<Void> ended = Promise.promise();
  private volatile boolean started;
  private volatile boolean stopping;
  private volatile long timer = -1;
  private volatile String problem = "";

  public Merger(ServiceContext context, MergeStore store, MergeSettings settings) {
    this.context = context;
    this.store = store;
    this.settings = settings;
    this.merged = context.metrics().counter("tocsin.storage.merged.segments");
  }

  @Override
  public String name() {
    return "merger";
  }

  @Override
  public Future<Void> start() {
    if (settings.enabled()) {
      started = true;
      later(settings.interval().toMillis());
    }
    return Future.succeededFuture();
  }

  private void later(long delayMs) {
    if (stopping) {
      ended.tryComplete();
      return;
    }
    timer = context.vertx().setTimer(delayMs, id -> round());
  }

  private void round() {
    timer = -1;
    long began = System.nanoTime();
    var unused =
        mergeSome()
            .onComplete(
                outcome -> {
                  boolean found = outcome.succeeded() && outcome.result() > 0;
                  later(found ? restMs(System.nanoTime() - began) : settings.interval().toMillis());
                });
  }

  /** One group of each kind; answers how many segments went. */
  Future<Integer> mergeSome() {
    Instant before =
        context.clock().instant().minus(settings.after()).truncatedTo(ChronoUnit.HOURS);
    Future<Integer> all = Future.succeededFuture(0);
    for (MergeStore.Kind kind : MergeStore.Kind.values()) {
      all =
          all.compose(
              sum ->
                  stopping
                      ? Future.succeededFuture(sum)
                      : store.mergeSome(kind, before).map(gone -> sum + gone));
    }
    return all.onSuccess(
            gone -> {
              problem = "";
              merged.increment(gone);
            })
        .onFailure(this::report);
  }

  private void report(Throwable failure) {
    String text = "merging: " + failure.getMessage();
    if (!text.equals(problem)) {
      log.warn("{}; trying again every {} ms", text, settings.interval().toMillis());
    }
    problem = text;
  }

  private long restMs(long busyNanos) {
    long busyMs = TimeUnit.NANOSECONDS.toMillis(busyNanos);
    return Math.max(REST_MIN_MS, busyMs * (100 - settings.busyPercent()) / settings.busyPercent());
  }

  @Override
  public Future<Void> stop() {
    stopping = true;
    long armed = timer;
    if (!started || (armed >= 0 && context.vertx().cancelTimer(armed))) {
      ended.tryComplete();
    }
    // A merge under way ends first: it uses the pool that is closed next.
    return ended.future();
  }

  @Override
  public Future<Health> check() {
    return Future.succeededFuture(problem.isEmpty() ? Health.healthy() : Health.degraded(problem));
  }
}
