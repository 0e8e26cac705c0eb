package dev.tocsin.storage.keep.partition;

import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.common.runtime.Rounds;
import dev.tocsin.common.runtime.ServiceContext;
import io.micrometer.core.instrument.Counter;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the database within a size: when it is larger, the oldest day of all signals goes, then the
 * next, until it fits; today stays. Looks at start and every minute. Health is degraded for a day
 * after a drop: telemetry went before its retention was over.
 */
public final class DiskBudget implements Component {
  private static final Logger log = LoggerFactory.getLogger(DiskBudget.class);
  private static final long PERIOD_MS = Duration.ofMinutes(1).toMillis();
  private static final Duration TOLD_FOR = Duration.ofDays(1);
  private static final Duration SILENCE_MAX = Duration.ofMinutes(5);
  private static final String ROUND = "making room";

  private final ServiceContext context;
  private final Partitions partitions;
  private final long sizeMax;
  private final Counter droppedDays;
  private volatile long timer = -1;
  private final Rounds rounds;
  private volatile boolean running;
  private volatile String problem = "";
  private volatile String lastDrop = "";
  private volatile Instant lastDropAt = Instant.EPOCH;

  /**
   * @param sizeMax in bytes; 0 for no limit
   */
  public DiskBudget(ServiceContext context, Partitions partitions, long sizeMax) {
    this.context = context;
    this.partitions = partitions;
    this.sizeMax = sizeMax;
    this.rounds = new Rounds("disk budget", context.clock(), SILENCE_MAX);
    this.droppedDays = context.metrics().counter("tocsin.storage.dropped.days");
  }

  @Override
  public String name() {
    return "disk-budget";
  }

  @Override
  public Future<Void> start() {
    if (sizeMax == 0) {
      return Future.succeededFuture();
    }
    rounds.begin();
    timer =
        context
            .vertx()
            .setPeriodic(
                PERIOD_MS,
                id -> {
                  var unused = run();
                });
    return run();
  }

  /**
   * One round, unless one is under way; a failure is reported by {@link #check} and tried again in
   * the next round.
   */
  Future<Void> run() {
    if (running) {
      return Future.succeededFuture();
    }
    running = true;
    LocalDate today = LocalDate.ofInstant(context.clock().instant(), ZoneOffset.UTC);
    return makeRoom(today)
        .onSuccess(done -> rounds.well(ROUND))
        .otherwise(
            e -> {
              // That it is away is told elsewhere.
              if (!Postgres.isAway(e)) {
                rounds.failed(ROUND, String.valueOf(e.getMessage()));
              }
              return null;
            })
        .onComplete(
            done -> {
              running = false;
              rounds.finished();
            });
  }

  private Future<Void> makeRoom(LocalDate today) {
    return partitions
        .databaseSize()
        .compose(
            size -> {
              if (size <= sizeMax) {
                problem = "";
                return Future.succeededFuture();
              }
              return partitions
                  .dropOldestDay(sizeMax, today)
                  .compose(
                      dropped -> {
                        if (dropped.isPresent()) {
                          dropped(dropped.get(), size);
                          return makeRoom(today);
                        }
                        return checkLeft(today);
                      });
            });
  }

  private void dropped(LocalDate day, long size) {
    droppedDays.increment();
    lastDropAt = context.clock().instant();
    lastDrop =
        "dropped %s: the database took %d bytes (storage.size_max: %d)"
            .formatted(day, size, sizeMax);
    log.warn("{}", lastDrop);
  }

  /** Nothing went: another instance made room, or there is nothing left but today. */
  private Future<Void> checkLeft(LocalDate today) {
    return partitions
        .databaseSize()
        .map(
            size -> {
              problem =
                  size <= sizeMax
                      ? ""
                      : "the database takes %d bytes with %s alone (expected: storage.size_max, %d, or less)"
                          .formatted(size, today, sizeMax);
              return null;
            });
  }

  @Override
  public Future<Void> stop() {
    if (timer >= 0) {
      context.vertx().cancelTimer(timer);
    }
    return Future.succeededFuture();
  }

  @Override
  public Future<Health> check() {
    Health health = problem.isEmpty() ? Health.healthy() : Health.degraded(problem);
    health = health.and(rounds.check());
    boolean told = lastDropAt.plus(TOLD_FOR).isAfter(context.clock().instant());
    return Future.succeededFuture(told ? health.and(Health.degraded(lastDrop)) : health);
  }
}
