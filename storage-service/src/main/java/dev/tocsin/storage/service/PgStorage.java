package dev.tocsin.storage.service;

import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.common.postgres.PostgresSettings;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import dev.tocsin.storage.fanout.Fanout;
import dev.tocsin.storage.keep.merge.MergeSettings;
import dev.tocsin.storage.keep.merge.Merger;
import dev.tocsin.storage.keep.merge.PgMergeStore;
import dev.tocsin.storage.keep.partition.Catalogue;
import dev.tocsin.storage.keep.partition.DiskBudget;
import dev.tocsin.storage.keep.partition.PartitionKeeper;
import dev.tocsin.storage.keep.partition.Partitions;
import dev.tocsin.storage.ports.AttributeReader;
import dev.tocsin.storage.ports.LogReader;
import dev.tocsin.storage.ports.MetricReader;
import dev.tocsin.storage.ports.QueryLimits;
import dev.tocsin.storage.ports.SegmentStore;
import dev.tocsin.storage.ports.ServiceReader;
import dev.tocsin.storage.ports.TraceReader;
import dev.tocsin.storage.query.QueryPool;
import dev.tocsin.storage.read.metric.PgMetricReader;
import dev.tocsin.storage.read.metric.PgSeriesSources;
import dev.tocsin.storage.schema.TelemetrySchema;
import dev.tocsin.storage.write.commit.PgSegmentStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Everything this service has in PostgreSQL. */
public final class PgStorage {
  /** The schema all tables are in. */
  private final Postgres postgres;

  /** Where queries are answered from. */
  private final List<ReadDatabase> reading;

  private final QueryPool queries;
  private final QueryLimits limits;
  private final IdentifyingAttributes identifying;
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

    private Map<Catalogue, Duration> catalogues() {
      return Map.of(
          Catalogue.OPERATIONS,
          traces,
          Catalogue.EXCEPTIONS,
          exceptions(),
          Catalogue.SERIES,
          metrics,
          Catalogue.METADATA,
          metrics);
    }

    private Duration exceptions() {
      return traces.compareTo(logs) > 0 ? traces : logs;
    }
  }

  /**
   * @param identifying attributes that series are named by
   * @param querySettings the databases queries are answered from, as from one
   */
  public PgStorage(
      ServiceContext context,
      PostgresSettings settings,
      List<PostgresSettings> querySettings,
      Retention retention,
      MergeSettings merging,
      QueryLimits limits,
      IdentifyingAttributes identifying) {
    this.limits = limits;
    this.identifying = identifying;
    this.postgres = new Postgres(context.vertx(), settings, TelemetrySchema.migrations());
    this.queries = new QueryPool(limits, context.metrics());
    this.reading =
        querySettings.stream().map(from -> readDatabase(context, from, settings)).toList();
    this.partitions = new Partitions(postgres);
    this.keeper =
        new PartitionKeeper(context, partitions, retention.tables(), retention.catalogues());
    this.diskBudget = new DiskBudget(context, partitions, retention.sizeMax());
    this.merger =
        new Merger(
            context,
            new PgMergeStore(context.vertx(), context.clock(), postgres, partitions, merging),
            merging);
  }

  private ReadDatabase readDatabase(
      ServiceContext context, PostgresSettings from, PostgresSettings own) {
    return from.equals(own)
        ? new ReadDatabase(context, from.address(), postgres, queries, limits, identifying)
        : ReadDatabase.other(context, from, queries, limits, identifying);
  }

  /** To be started in this order. */
  public List<Component> components() {
    List<Component> components = new ArrayList<>();
    components.add(postgres);
    reading.forEach(database -> components.addAll(database.components()));
    components.addAll(List.of(keeper, diskBudget, merger, queries));
    return components;
  }

  public SegmentStore segments() {
    return new PgSegmentStore(postgres, partitions);
  }

  public TraceReader traces() {
    return reader(ReadDatabase::traces, Fanout::traces);
  }

  public LogReader logs() {
    return reader(ReadDatabase::logs, Fanout::logs);
  }

  public AttributeReader spanAttributes() {
    return reader(ReadDatabase::spanAttributes, Fanout::attributes);
  }

  public AttributeReader logAttributes() {
    return reader(ReadDatabase::logAttributes, Fanout::attributes);
  }

  public MetricReader metrics() {
    return reader(
        ReadDatabase::metrics,
        readers -> {
          PgMetricReader.Sources sources =
              budget ->
                  new PgSeriesSources(
                      queries, reading.stream().map(database -> database.series(budget)).toList());
          return Fanout.metrics(
              new PgMetricReader(postgres, queries, limits, identifying, sources), readers);
        });
  }

  public ServiceReader services() {
    return reader(ReadDatabase::services, Fanout::services);
  }

  /** One database answers by itself. */
  private <R> R reader(Function<ReadDatabase, R> one, Function<Map<String, R>, R> several) {
    if (reading.size() == 1) {
      return one.apply(reading.get(0));
    }
    Map<String, R> readers = new LinkedHashMap<>();
    reading.forEach(database -> readers.put(database.address(), one.apply(database)));
    return several.apply(readers);
  }
}
