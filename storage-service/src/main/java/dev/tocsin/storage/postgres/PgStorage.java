package dev.tocsin.storage.postgres;

import dev.tocsin.common.postgres.Migrations;
import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.common.postgres.PostgresSettings;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.storage.LogReader;
import dev.tocsin.storage.PromQueries;
import dev.tocsin.storage.QueryLimits;
import dev.tocsin.storage.SegmentStore;
import dev.tocsin.storage.TraceReader;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Everything this service has in PostgreSQL. */
public final class PgStorage {
  /** The schema all tables are in. */
  public static final String SCHEMA = "telemetry";

  private final Postgres postgres;
  private final QueryPool queries;
  private final QueryLimits limits;
  private final Partitions partitions;
  private final PartitionKeeper keeper;

  /** How long each signal is kept. */
  public record Retention(Duration traces, Duration logs, Duration metrics) {}

  public PgStorage(
      ServiceContext context, PostgresSettings settings, Retention retention, QueryLimits limits) {
    this.limits = limits;
    this.postgres = new Postgres(context.vertx(), settings, migrations());
    this.queries = new QueryPool(limits);
    this.partitions = new Partitions(postgres);
    this.keeper =
        new PartitionKeeper(
            context,
            partitions,
            Map.of(
                Partitions.SPANS,
                retention.traces(),
                Partitions.LOGS,
                retention.logs(),
                Partitions.METRICS,
                retention.metrics()));
  }

  static Migrations migrations() {
    return Migrations.load(SCHEMA, PgStorage.class, "V001__segments.sql", "V010__format_2.sql");
  }

  /** To be started in this order. */
  public List<Component> components() {
    return List.of(postgres, keeper, queries);
  }

  public SegmentStore segments() {
    return new PgSegmentStore(postgres, partitions);
  }

  public TraceReader traces() {
    return new PgTraceReader(postgres, queries, limits);
  }

  public LogReader logs() {
    return new PgLogReader(postgres, queries, limits);
  }

  public PromQueries promQueries() {
    return new PgPromQueries(postgres, queries, limits);
  }
}
