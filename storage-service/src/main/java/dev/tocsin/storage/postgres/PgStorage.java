package dev.tocsin.storage.postgres;

import dev.tocsin.common.postgres.Migrations;
import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.common.postgres.PostgresSettings;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.storage.LogReader;
import dev.tocsin.storage.MetricReader;
import dev.tocsin.storage.QueryLimits;
import dev.tocsin.storage.SegmentStore;
import dev.tocsin.storage.ServiceReader;
import dev.tocsin.storage.TraceReader;
import dev.tocsin.storage.merge.MergeSettings;
import dev.tocsin.storage.merge.Merger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Everything this service has in PostgreSQL. */
public final class PgStorage {
  /** The schema all tables are in. */
  public static final String SCHEMA = "telemetry";

  private final Postgres postgres;

  /** Where queries are answered from: the same, or a replica. */
  private final Postgres reading;

  private final QueryPool queries;
  private final QueryLimits limits;
  private final LogTails tails;
  private final Partitions partitions;
  private final PartitionKeeper keeper;
  private final DiskBudget diskBudget;
  private final Merger merger;

  /**
   * How long each signal is kept, and how much in all.
   *
   * @param sizeMax bytes of the database beyond which the oldest days go first; 0 for no limit
   */
  public record Retention(Duration traces, Duration logs, Duration metrics, long sizeMax) {

    private Map<String, Duration> tables() {
      return Map.of(
          Partitions.SPANS, traces,
          Partitions.RED, traces,
          Partitions.TRACES, traces,
          Partitions.EDGES, traces,
          Partitions.LOGS, logs,
          Partitions.EXCEPTIONS, exceptions(),
          Partitions.METRICS, metrics);
    }

    private Map<String, Duration> catalogues() {
      return Map.of(
          "operation",
          traces,
          "exception_group",
          exceptions(),
          "series",
          metrics,
          "metric_metadata",
          metrics);
    }

    private Duration exceptions() {
      return traces.compareTo(logs) > 0 ? traces : logs;
    }
  }

  public PgStorage(
      ServiceContext context,
      PostgresSettings settings,
      PostgresSettings querySettings,
      Retention retention,
      MergeSettings merging,
      QueryLimits limits) {
    this.limits = limits;
    this.postgres = new Postgres(context.vertx(), settings, migrations());
    this.reading =
        querySettings.equals(settings)
            ? postgres
            : new Postgres(context.vertx(), querySettings, Migrations.none(SCHEMA));
    this.queries = new QueryPool(limits, context.metrics());
    this.tails = new LogTails(context, reading, queries, limits.tailsMax());
    this.partitions = new Partitions(postgres);
    this.keeper =
        new PartitionKeeper(context, partitions, retention.tables(), retention.catalogues());
    this.diskBudget = new DiskBudget(context, partitions, retention.sizeMax());
    this.merger =
        new Merger(
            context, new PgMergeStore(context.vertx(), postgres, partitions, merging), merging);
  }

  static Migrations migrations() {
    return Migrations.load(
        SCHEMA,
        PgStorage.class,
        "V001__segments.sql",
        "V002__summaries.sql",
        "V003__merging.sql",
        "V010__format_2.sql",
        "V011__metadata.sql");
  }

  /** To be started in this order. */
  public List<Component> components() {
    List<Component> components = new ArrayList<>();
    components.add(postgres);
    if (reading != postgres) {
      components.add(reading);
    }
    components.addAll(List.of(keeper, diskBudget, merger, queries, tails));
    return components;
  }

  public SegmentStore segments() {
    return new PgSegmentStore(postgres, partitions);
  }

  public TraceReader traces() {
    return new PgTraceReader(reading, queries);
  }

  public LogReader logs() {
    return new PgLogReader(reading, queries, tails);
  }

  public MetricReader metrics() {
    return new PgMetricReader(reading, queries, limits);
  }

  public ServiceReader services() {
    return new PgServiceReader(reading, queries);
  }
}
