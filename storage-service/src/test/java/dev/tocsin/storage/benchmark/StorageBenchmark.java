package dev.tocsin.storage.benchmark;

import dev.tocsin.common.config.Settings;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.kafka.KafkaTopics;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.storage.keep.merge.MergeSettings;
import dev.tocsin.storage.service.PgStorage;
import dev.tocsin.storage.service.StorageConfig;
import dev.tocsin.storage.service.StorageService;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Loads the reference corpus from Kafka through the real service into a real PostgreSQL and prints
 * what it costs and how long queries take, beside the same spans in a plain row layout. See
 * docs/design/storage-service.md for how to run it; needs Linux (/proc).
 */
public final class StorageBenchmark {
  private static final long POLL_MS = 100;
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(15);

  private final Options options;
  private final Backend backend;
  private final Vertx vertx;
  private final Corpora corpora;
  private final Instant end;

  private StorageBenchmark(Options options, Backend backend, Vertx vertx) {
    this.options = options;
    this.backend = backend;
    this.vertx = vertx;
    this.end = Instant.ofEpochMilli(System.currentTimeMillis() / 1000 * 1000);
    this.corpora = new Corpora(options, backend.kafka.bootstrapServers(), end.toEpochMilli());
  }

  public static void main(String[] args) throws Exception {
    Options options = Options.parse(args);
    Vertx vertx = Vertx.vertx();
    try (Backend backend = Backend.start()) {
      new StorageBenchmark(options, backend, vertx).run();
    } finally {
      wait(vertx.close());
    }
    System.exit(0);
  }

  private void run() throws Exception {
    Settings settings = Settings.of(backend.settings(options.partitions()));
    wait(
        new KafkaTopics(
                vertx,
                KafkaSettings.from(settings),
                List.of(Topic.SPANS, Topic.LOGS, Topic.METRICS, Topic.DERIVED, Topic.DEAD_LETTER))
            .start());
    StorageConfig config = StorageConfig.from(settings);
    load("spans", "span_seg", Topic.SPANS, config, corpora::sendSpans);
    load("lines", "log_seg", Topic.LOGS, config, corpora::sendLogs);
    load("samples", "metric_block", Topic.METRICS, config, corpora::sendMetrics);
    backend.execute("vacuum analyze");
    queries(config);
    if (options.rows() > 0) {
      new RowLayout(backend).measure(corpora.spans(options.rows()), corpora.traceIds);
    }
    drop();
  }

  /** Something that may fail. */
  private interface Step {
    void run() throws Exception;
  }

  /** Fills the topic, then lets the service empty it. */
  private void load(String items, String table, Topic topic, StorageConfig config, Step fill)
      throws Exception {
    long filling = System.nanoTime();
    fill.run();
    System.out.printf(
        Locale.ROOT, "%s: Kafka filled in %.1f s%n", items, (System.nanoTime() - filling) / 1e9);
    long ends = KafkaEnds.sum(backend.kafka.bootstrapServers(), topic.name());
    StorageService running =
        StorageService.create(
            config, ServiceContext.create(vertx, "storage", InstantSource.system()));
    System.gc();
    double client = Cpu.ofThisProcess();
    double server = backend.postgresCpu();
    long began = System.nanoTime();
    long wal = backend.walBytes();
    wait(running.start());
    double reached = awaitOffset(topic, ends / 2) / (double) ends;
    double late = Cpu.ofThisProcess() + backend.postgresCpu();
    Map<String, Double> before = Cpu.byKindOfThread();
    long unused = awaitOffset(topic, ends);
    late = (Cpu.ofThisProcess() + backend.postgresCpu() - late) / (1 - reached);
    Map<String, Double> after = Cpu.byKindOfThread();
    double seconds = (System.nanoTime() - began) / 1e9;
    client = Cpu.ofThisProcess() - client;
    server = backend.postgresCpu() - server;
    wal = backend.walBytes() - wal;
    wait(running.stop());
    double count = report(items, table, new double[] {seconds, client, server, (double) wal, late});
    StringBuilder threads = new StringBuilder();
    after.forEach(
        (kind, used) ->
            threads.append(
                "%s %s %.2f"
                    .formatted(
                        threads.length() == 0 ? "" : ",",
                        kind,
                        (used - before.getOrDefault(kind, 0.0)) / count / (1 - reached) * 1e6)));
    System.out.println("  the service's threads, per million of the second half:" + threads);
  }

  private long awaitOffset(Topic topic, long ends) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    String sql =
        "select coalesce(sum(next_offset), 0)::bigint from telemetry.ingest_offset where topic = '"
            + topic.name()
            + "'";
    while (stored(sql) < ends) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(topic.name() + " is not stored after 15 minutes");
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MS);
    }
    return stored(sql);
  }

  private long stored(String sql) {
    try {
      return backend.number(sql);
    } catch (IllegalStateException notYetMade) {
      return 0;
    }
  }

  private double report(String items, String table, double[] cost) {
    // What waits to be entered in a GIN index is a fixed amount, not a part of each item.
    backend.execute("vacuum telemetry." + table);
    double count = backend.number("select coalesce(sum(n), 0)::bigint from telemetry." + table);
    long segments = backend.number("select count(*) from telemetry." + table);
    System.out.printf(
        Locale.ROOT,
        "%s: %,.0f in %.1f s (%,.0f/s), %,d segments; %.2f B each with indexes and TOAST, WAL %.1f"
            + " B; CPU-s per million: service %.2f, Postgres %.2f, both %.2f (%.2f when warm: the"
            + " second half)%n",
        items,
        count,
        cost[0],
        count / cost[0],
        segments,
        backend.size("telemetry." + table) / count,
        cost[3] / count,
        cost[1] / count * 1e6,
        cost[2] / count * 1e6,
        (cost[1] + cost[2]) / count * 1e6,
        cost[4] / count * 1e6);
    Sizes.print(backend, table, count);
    if (table.equals("span_seg")) {
      Sizes.printBeside(backend, count);
    }
    return count;
  }

  private void queries(StorageConfig config) throws Exception {
    PgStorage storage =
        new PgStorage(
            ServiceContext.create(vertx, "queries", InstantSource.system()),
            config.postgres(),
            List.of(config.postgres()),
            config.retention(),
            new MergeSettings(
                false, Duration.ofMinutes(10), Duration.ofMinutes(1), 20, 10_000, 16L << 20),
            config.query(),
            config.identifying());
    for (Component component : storage.components()) {
      wait(component.start());
    }
    System.out.println("segments, queries through the read ports:");
    Queries queries = new Queries(storage, end);
    queries.spans(corpora.traceIds);
    queries.logs();
    queries.metrics(Instant.ofEpochSecond(0, corpora.metricsStart()));
    for (Component component : storage.components()) {
      wait(component.stop());
    }
  }

  private void drop() {
    for (Map.Entry<String, String> table :
        Map.of("segments", "telemetry.span_seg", "rows", "rows.span").entrySet()) {
      if (table.getKey().equals("rows") && options.rows() == 0) {
        continue;
      }
      String day =
          backend.text(
              "select inhrelid::regclass::text from pg_inherits where inhparent = '"
                  + table.getValue()
                  + "'::regclass order by pg_total_relation_size(inhrelid) desc limit 1");
      long began = System.nanoTime();
      backend.execute("drop table " + day);
      System.out.printf(
          Locale.ROOT,
          "dropping a day of %s: %.0f ms%n",
          table.getKey(),
          (System.nanoTime() - began) / 1e6);
    }
  }

  static <T> T wait(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(120, TimeUnit.SECONDS);
  }
}
