package dev.tocsin.storage.service;

import dev.tocsin.common.postgres.Migrations;
import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.common.postgres.PostgresSettings;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import dev.tocsin.storage.ports.AttributeReader;
import dev.tocsin.storage.ports.LogReader;
import dev.tocsin.storage.ports.MetricReader;
import dev.tocsin.storage.ports.QueryLimits;
import dev.tocsin.storage.ports.ServiceReader;
import dev.tocsin.storage.ports.TraceReader;
import dev.tocsin.storage.query.Budget;
import dev.tocsin.storage.query.QueryPool;
import dev.tocsin.storage.read.log.LogTails;
import dev.tocsin.storage.read.log.PgLogReader;
import dev.tocsin.storage.read.metric.PgMetricReader;
import dev.tocsin.storage.read.metric.PgSeriesSource;
import dev.tocsin.storage.read.metric.PgSeriesSources;
import dev.tocsin.storage.read.scan.PgAttributeReader;
import dev.tocsin.storage.read.service.PgServiceReader;
import dev.tocsin.storage.read.trace.PgTraceReader;
import dev.tocsin.storage.schema.TelemetrySchema;
import java.util.ArrayList;
import java.util.List;

/** One database that queries are answered from, with connections of its own. */
final class ReadDatabase {
  private final String address;
  private final Postgres postgres;
  private final QueryPool queries;
  private final QueryLimits limits;
  private final IdentifyingAttributes identifying;
  private final LogTails tails;
  private final List<Component> opened = new ArrayList<>();

  /** The database this service writes to, whose connections are shared with writing. */
  ReadDatabase(
      ServiceContext context,
      String address,
      Postgres postgres,
      QueryPool queries,
      QueryLimits limits,
      IdentifyingAttributes identifying) {
    this.address = address;
    this.postgres = postgres;
    this.queries = queries;
    this.limits = limits;
    this.identifying = identifying;
    this.tails = new LogTails(context, postgres, queries, limits.tailsMax());
  }

  /** A replica, or a database that other instances write to. */
  static ReadDatabase other(
      ServiceContext context,
      PostgresSettings settings,
      QueryPool queries,
      QueryLimits limits,
      IdentifyingAttributes identifying) {
    Postgres postgres =
        new Postgres(context.vertx(), settings, Migrations.none(TelemetrySchema.NAME));
    ReadDatabase database =
        new ReadDatabase(context, settings.address(), postgres, queries, limits, identifying);
    database.opened.add(new StartsAlone(postgres));
    return database;
  }

  /** Host, port and name. */
  String address() {
    return address;
  }

  List<Component> components() {
    List<Component> all = new ArrayList<>(opened);
    all.add(tails);
    return all;
  }

  TraceReader traces() {
    return new PgTraceReader(postgres, queries);
  }

  LogReader logs() {
    return new PgLogReader(postgres, queries, tails);
  }

  AttributeReader spanAttributes() {
    return PgAttributeReader.ofSpans(postgres, queries);
  }

  AttributeReader logAttributes() {
    return PgAttributeReader.ofLogs(postgres, queries);
  }

  MetricReader metrics() {
    return new PgMetricReader(postgres, queries, limits, identifying);
  }

  PgSeriesSources.Named series(Budget budget) {
    return new PgSeriesSources.Named(
        address, new PgSeriesSource(postgres.pool(), queries, budget, limits));
  }

  ServiceReader services() {
    return new PgServiceReader(postgres, queries);
  }
}
