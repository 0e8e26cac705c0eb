package dev.tocsin.storage.keep.merge;

import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.common.runtime.Rounds;
import dev.tocsin.common.runtime.ServiceContext;
import io.micrometer.core.instrument.Counter;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Merges one group of segments after the other, resting after each so long that merging takes no
 * more than its share; looks again after an interval when there is nothing to do. What fails of one
 * kind keeps no other kind; it is told by {@link #check}, which also tells when no round has
 * finished for {@value #INTERVALS_SILENT_MAX} intervals.
 */
public final class Merger implements Component {
  private static final Logger log = LoggerFactory.getLogger(Merger.class);
  private static final long REST_MIN_MS = 10;
  private static final int INTERVALS_SILENT_MAX = 10;

  /** A merge of the largest group takes a while on a busy machine. */
  private static final Duration ROUND_MAX = Duration.ofMinutes(1);

  /** For how long a failure is told: what failed is tried again before that. */
  private static final Duration TOLD_FOR = Duration.ofMinutes(20);

  private final ServiceContext context;
  private final MergeStore store;
  private final MergeSettings settings;
  private final Counter merged;
  private final Counter failures;
  private final Rounds rounds;
  private final Map<MergeStore.Kind, Instant> failedAt = new ConcurrentHashMap<>();
  private final Promise<Void> ended = Promise.promise();
  private volatile boolean started;
  private volatile boolean stopping;
  private volatile long timer = -1;

  public Merger(ServiceContext context, MergeStore store, MergeSettings settings) {
    this.context = context;
    this.store = store;
    this.settings = settings;
    this.merged = context.metrics().counter("tocsin.storage.merged.segments");
    this.failures = context.metrics().counter("tocsin.storage.merge.failures");
    this.rounds =
        new Rounds(
            "merging",
            context.clock(),
            settings.interval().multipliedBy(INTERVALS_SILENT_MAX).plus(ROUND_MAX));
  }

  @Override
  public String name() {
    return "merger";
  }

  @Override
  public Future<Void> start() {
    if (settings.enabled()) {
      started = true;
      rounds.begin();
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

  /** One group of each kind, whatever becomes of the others; answers how many segments went. */
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
                      : mergeSome(kind, before).map(gone -> sum + gone));
    }
    return all.onSuccess(
        gone -> {
          merged.increment(gone);
          rounds.finished();
        });
  }

  private Future<Integer> mergeSome(MergeStore.Kind kind, Instant before) {
    String part = kind.name().toLowerCase(Locale.ROOT);
    Future<Integer> some;
    try {
      some = store.mergeSome(kind, before);
    } catch (RuntimeException e) {
      some = Future.failedFuture(e);
    }
    return some.onSuccess(
            gone -> {
              Instant failed = failedAt.get(kind);
              if (failed != null && failed.plus(TOLD_FOR).isBefore(context.clock().instant())) {
                failedAt.remove(kind);
                rounds.well(part);
              }
            })
        .otherwise(
            e -> {
              // That it is away is told elsewhere, and no fault of merging.
              if (!Postgres.isAway(e)) {
                report(kind, part, e);
              }
              return 0;
            });
  }

  private void report(MergeStore.Kind kind, String part, Throwable failure) {
    failures.increment();
    failedAt.put(kind, context.clock().instant());
    rounds.failed(part, String.valueOf(failure.getMessage()));
    log.warn("merging: {}: {}; others go on", part, failure.getMessage(), failure);
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
    return Future.succeededFuture(rounds.check());
  }
}
