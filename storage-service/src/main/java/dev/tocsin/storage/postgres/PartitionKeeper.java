package dev.tocsin.storage.postgres;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.common.runtime.ServiceContext;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the partitions of the days ahead and drops those past their retention, at start and every
 * quarter of an hour. A day goes when all of it is too old.
 */
final class PartitionKeeper implements Component {
  private static final Logger log = LoggerFactory.getLogger(PartitionKeeper.class);
  private static final long PERIOD_MS = Duration.ofMinutes(15).toMillis();
  private static final int DAYS_AHEAD = 2;

  private final ServiceContext context;
  private final Partitions partitions;
  private final Map<String, Duration> retention;
  private final Map<String, Duration> catalogues;
  private volatile long timer = -1;
  private volatile String problem = "";

  /**
   * @param retention by table
   * @param catalogues by table, how long an entry that is not seen any more is kept
   */
  PartitionKeeper(
      ServiceContext context,
      Partitions partitions,
      Map<String, Duration> retention,
      Map<String, Duration> catalogues) {
    this.context = context;
    this.partitions = partitions;
    this.retention = Map.copyOf(retention);
    this.catalogues = Map.copyOf(catalogues);
  }

  @Override
  public String name() {
    return "partitions";
  }

  @Override
  public Future<Void> start() {
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

  /** One round; a failure is reported by {@link #check} and tried again in the next round. */
  Future<Void> run() {
    LocalDate today = LocalDate.ofInstant(context.clock().instant(), ZoneOffset.UTC);
    List<LocalDate> days = IntStream.rangeClosed(0, DAYS_AHEAD).mapToObj(today::plusDays).toList();
    Future<Void> chain = Future.succeededFuture();
    for (Map.Entry<String, Duration> table : retention.entrySet()) {
      LocalDate first = today.minusDays(table.getValue().toDays());
      chain =
          chain
              .compose(done -> partitions.ensure(List.of(table.getKey()), days))
              .compose(done -> partitions.dropBefore(table.getKey(), first))
              .map(
                  dropped -> {
                    if (dropped > 0) {
                      log.info("dropped {} days of {} before {}", dropped, table.getKey(), first);
                    }
                    return null;
                  });
    }
    Instant now = context.clock().instant();
    for (Map.Entry<String, Duration> catalogue : catalogues.entrySet()) {
      // A day more: last_seen lags by up to an hour.
      Duration kept = catalogue.getValue().plusDays(1);
      OffsetDateTime before = PgValues.instant(now.minus(kept));
      chain = chain.compose(done -> partitions.prune(catalogue.getKey(), before));
    }
    return chain
        .onSuccess(done -> problem = "")
        .otherwise(
            e -> {
              problem = "partitions: " + e.getMessage();
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
    return Future.succeededFuture(problem.isEmpty() ? Health.healthy() : Health.degraded(problem));
  }
}
