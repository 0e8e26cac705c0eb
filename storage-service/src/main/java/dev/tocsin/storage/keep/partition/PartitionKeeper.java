package dev.tocsin.storage.keep.partition;

import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.common.runtime.Rounds;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.storage.schema.PgValues;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the partitions of the days ahead and drops those past their retention, at start and every
 * quarter of an hour. A day goes when all of it is too old. What fails of a round keeps nothing
 * else of it, is told by {@link #check}, and tried again in the next round.
 */
public final class PartitionKeeper implements Component {
  private static final Logger log = LoggerFactory.getLogger(PartitionKeeper.class);
  private static final long PERIOD_MS = Duration.ofMinutes(15).toMillis();
  private static final Duration SILENCE_MAX = Duration.ofMinutes(50);
  private static final int DAYS_AHEAD = 2;

  private final ServiceContext context;
  private final Partitions partitions;
  private final Map<String, Duration> retention;
  private final Map<Catalogue, Duration> catalogues;
  private final Rounds rounds;
  private volatile long timer = -1;
  private volatile boolean running;

  /**
   * @param retention by table
   * @param catalogues how long an entry that is not seen any more is kept
   */
  public PartitionKeeper(
      ServiceContext context,
      Partitions partitions,
      Map<String, Duration> retention,
      Map<Catalogue, Duration> catalogues) {
    this.context = context;
    this.partitions = partitions;
    this.retention = Map.copyOf(retention);
    this.catalogues = Map.copyOf(catalogues);
    this.rounds = new Rounds("partitions", context.clock(), SILENCE_MAX);
  }

  @Override
  public String name() {
    return "partitions";
  }

  @Override
  public Future<Void> start() {
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

  /** One round, unless one is under way. */
  public Future<Void> run() {
    if (running) {
      return Future.succeededFuture();
    }
    running = true;
    LocalDate today = LocalDate.ofInstant(context.clock().instant(), ZoneOffset.UTC);
    List<LocalDate> days = IntStream.rangeClosed(0, DAYS_AHEAD).mapToObj(today::plusDays).toList();
    Future<Void> chain = Future.succeededFuture();
    for (Map.Entry<String, Duration> table : retention.entrySet()) {
      String name = table.getKey();
      LocalDate first = today.minusDays(table.getValue().toDays());
      // Room for what comes is made before anything is dropped.
      chain = alone(chain, "days of " + name, () -> partitions.ensure(List.of(name), days));
      chain = alone(chain, "old days of " + name, () -> drop(name, first));
    }
    Instant now = context.clock().instant();
    for (Map.Entry<Catalogue, Duration> each : catalogues.entrySet()) {
      // A day more: last_seen lags by up to an hour.
      OffsetDateTime before = PgValues.instant(now.minus(each.getValue().plusDays(1)));
      chain = alone(chain, each.getKey().table(), () -> partitions.prune(each.getKey(), before));
    }
    return chain.onComplete(
        done -> {
          running = false;
          rounds.finished();
        });
  }

  /** Does one thing after the others, whatever became of them. */
  private Future<Void> alone(Future<Void> before, String part, Supplier<Future<?>> duty) {
    return before.compose(
        done ->
            duty.get()
                .<Void>mapEmpty()
                .onSuccess(ok -> rounds.well(part))
                .otherwise(
                    e -> {
                      // That it is away is told elsewhere.
                      if (!Postgres.isAway(e)) {
                        rounds.failed(part, String.valueOf(e.getMessage()));
                      }
                      return null;
                    }));
  }

  private Future<Void> drop(String table, LocalDate first) {
    return partitions
        .dropBefore(table, first)
        .compose(
            dropped -> {
              if (dropped.days() > 0) {
                log.info("dropped {} days of {} before {}", dropped.days(), table, first);
              }
              return dropped.failures().isEmpty()
                  ? Future.succeededFuture()
                  : Future.failedFuture(String.join("; ", dropped.failures()));
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
    return Future.succeededFuture(rounds.check());
  }
}
