package dev.tocsin.storage.keep.merge;

import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.segment.log.LogSegment;
import dev.tocsin.segment.merge.LogMerge;
import dev.tocsin.segment.merge.SampleMerge;
import dev.tocsin.segment.merge.SpanMerge;
import dev.tocsin.segment.merge.TooLargeException;
import dev.tocsin.segment.metric.EncodedMetrics;
import dev.tocsin.segment.metric.MetricBlocks;
import dev.tocsin.segment.metric.SeriesSamples;
import dev.tocsin.segment.span.SpanSegment;
import dev.tocsin.segment.summary.SpanSummary;
import dev.tocsin.storage.keep.partition.Partitions;
import dev.tocsin.storage.ports.Batch;
import dev.tocsin.storage.schema.PgValues;
import dev.tocsin.storage.write.commit.CommitStatement;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.StreamSupport;

/**
 * Merges within one PostgreSQL. Rows are read, merged on a thread of its own, and then exchanged in
 * one transaction that first deletes the rows read: when any of them is gone already (another
 * instance, or retention), all is rolled back. Rows never change, so what was read is what is
 * deleted.
 */
public final class PgMergeStore implements MergeStore {
  /** How far back late segments are looked for. */
  private static final Duration LOOK_BACK = Duration.ofDays(2);

  private static final int SAMPLES_MAX = 1_000_000;

  /** How much more than was told what is merged may turn out to be. */
  private static final int SURPRISE_MAX = 2;

  /** For how long a group is left alone of which a merge failed. */
  private static final Duration LEFT_ALONE = Duration.ofMinutes(15);

  private static final int LEFT_MAX = 1_000;

  private final Postgres postgres;
  private final Partitions partitions;
  private final MergeSettings settings;
  private final WorkerExecutor worker;

  private final InstantSource clock;

  /** Groups that are not to be looked at, so that they do not keep the others. */
  private final Map<Group, Left> left = new ConcurrentHashMap<>();

  public PgMergeStore(
      Vertx vertx,
      InstantSource clock,
      Postgres postgres,
      Partitions partitions,
      MergeSettings settings) {
    this.clock = clock;
    this.postgres = postgres;
    this.partitions = partitions;
    this.settings = settings;
    this.worker =
        vertx.createSharedWorkerExecutor("storage-merge", 1, Duration.ofMinutes(5).toNanos());
  }

  /** What may be merged together: an hour, and of blocks a source. */
  private record Group(Kind kind, OffsetDateTime hour, short source) {}

  /**
   * A group left alone: for a while, or for as long as nothing comes to it.
   *
   * @param segments how many it had
   */
  private record Left(long segments, Instant until) {}

  /** Rows to delete and what to insert for them. */
  private record Exchange(String table, List<Row> rows, List<Batch.Content> contents) {}

  /** Some of the rows had gone. */
  private static final class OvertakenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OvertakenException() {
      super("segments went while they were being merged", null, false, false);
    }
  }

  @Override
  public Future<Integer> mergeSome(Kind kind, Instant before) {
    Tuple range =
        Tuple.of(
            PgValues.instant(before.minus(LOOK_BACK)),
            PgValues.instant(before),
            settings.bytesMax());
    return postgres
        .pool()
        .preparedQuery(MergeSql.hours(kind))
        .execute(range)
        .compose(
            hours -> {
              for (Row row : hours) {
                Group group = new Group(kind, row.getOffsetDateTime(0), row.getShort(1));
                if (!isLeft(group, row.getLong(2))) {
                  return merge(group, row.getLong(2));
                }
              }
              return Future.succeededFuture(0);
            });
  }

  private boolean isLeft(Group group, long segments) {
    Left known = left.get(group);
    return known != null && known.segments == segments && known.until.isAfter(clock.instant());
  }

  private void leave(Group group, long segments, Instant until) {
    if (left.size() >= LEFT_MAX) {
      left.clear();
    }
    left.put(group, new Left(segments, until));
  }

  private Future<Integer> merge(Group group, long segments) {
    return merged(group)
        .map(
            gone -> {
              if (gone.isEmpty()) {
                leave(group, segments, Instant.MAX);
              }
              return gone.orElse(0);
            })
        .recover(
            e -> {
              if (Postgres.isAway(e)) {
                return Future.failedFuture(e);
              }
              boolean tooLarge = e instanceof TooLargeException;
              leave(group, segments, tooLarge ? Instant.MAX : clock.instant().plus(LEFT_ALONE));
              // That segments of older versions are larger than they look is no fault.
              return tooLarge ? Future.succeededFuture(0) : Future.failedFuture(named(group, e));
            });
  }

  private static RuntimeException named(Group group, Throwable cause) {
    String what = group.kind.name().toLowerCase(Locale.ROOT) + " of " + group.hour;
    return new IllegalStateException(what + ": " + cause.getMessage(), cause);
  }

  /** How many segments went; empty when the group has none to merge. */
  private Future<Optional<Integer>> merged(Group group) {
    Kind kind = group.kind;
    long itemsMax = kind == Kind.SAMPLES ? SAMPLES_MAX : settings.itemsMax();
    OffsetDateTime hour = group.hour;
    Tuple parameters = Tuple.of(hour, hour.plusHours(1), itemsMax, settings.bytesMax());
    if (kind == Kind.SAMPLES) {
      parameters.addShort(group.source);
    }
    return postgres
        .pool()
        .preparedQuery(MergeSql.rows(kind))
        .execute(parameters)
        .compose(
            rows ->
                switch (kind) {
                  case SPANS -> worker.executeBlocking(() -> mergeSpans(rows), false);
                  case LOGS -> worker.executeBlocking(() -> mergeLogs(rows), false);
                  case SAMPLES ->
                      names(rows)
                          .compose(
                              names ->
                                  worker.executeBlocking(() -> mergeSamples(rows, names), false));
                })
        .compose(
            exchange -> {
              if (exchange.rows.size() < 2) {
                return Future.succeededFuture(Optional.empty());
              }
              // Segments of a version that had no summaries have no day for them.
              return partitions
                  .ensure(List.of(Partitions.TRACES), List.of(hour.toLocalDate()))
                  .compose(ready -> exchange(exchange))
                  .map(Optional::of);
            });
  }

  private long bytesMax() {
    return SURPRISE_MAX * settings.bytesMax();
  }

  private Exchange mergeSpans(RowSet<Row> rows) {
    List<Row> all = list(rows);
    Iterable<SpanSegment> segments =
        () ->
            all.stream()
                .map(
                    row ->
                        new SpanSegment(
                            row.getShort("fmt"),
                            row.getBuffer("core").getBytes(),
                            row.getBuffer("ids").getBytes(),
                            row.getBuffer("attrs").getBytes(),
                            row.getBuffer("events").getBytes()))
                .iterator();
    SpanMerge.Merged merged = SpanMerge.of(segments, bytesMax());
    SpanSummary traces = SpanSummary.ofTraces(merged.traces());
    return new Exchange(
        Partitions.SPANS,
        all,
        List.of(new Batch.Spans(List.of(merged.segment()), List.of(), traces)));
  }

  private Exchange mergeLogs(RowSet<Row> rows) {
    List<Row> all = list(rows);
    Iterable<LogSegment> segments =
        () ->
            all.stream()
                .map(
                    row ->
                        new LogSegment(
                            row.getShort("fmt"),
                            row.getBuffer("meta").getBytes(),
                            row.getBuffer("body").getBytes(),
                            row.getBuffer("attrs").getBytes()))
                .iterator();
    return new Exchange(
        Partitions.LOGS, all, List.of(new Batch.Logs(List.of(LogMerge.of(segments, bytesMax())))));
  }

  /**
   * Totals are restored from the blocks since the last snapshot, in the order of their offsets:
   * those must stay as they are. The query leaves out what came after the snapshot; where there is
   * none yet, blocks with totals stay.
   */
  private Exchange mergeSamples(RowSet<Row> rows, Map<Long, String> names) {
    List<Row> taken = new ArrayList<>();
    List<SampleMerge.Block> blocks = new ArrayList<>();
    long bytes = 0;
    for (Row row : rows) {
      List<SeriesSamples> series = decode(row);
      byte[] raw = row.getBuffer("raw").getBytes();
      boolean needed =
          row.getLong("as_of") == null && series.stream().anyMatch(SeriesSamples::accumulated);
      if (!needed) {
        bytes += raw.length + series.stream().mapToLong(SeriesSamples::bytes).sum();
        if (bytes > bytesMax()) {
          throw new TooLargeException(bytesMax());
        }
        taken.add(row);
        blocks.add(
            new SampleMerge.Block(
                series,
                raw,
                List.of(row.getArrayOfIntegers("metrics")),
                row.getOffsetDateTime("min_ts").toInstant().toEpochMilli(),
                row.getOffsetDateTime("max_ts").toInstant().toEpochMilli()));
      }
    }
    List<EncodedMetrics> merged = SampleMerge.of(blocks, names);
    int source = taken.isEmpty() ? 0 : taken.get(0).getShort("source");
    return new Exchange(
        Partitions.METRICS,
        taken,
        merged.stream()
            .map(
                block ->
                    (Batch.Content)
                        new Batch.Samples(source, List.of(block), List.of(), Optional.empty()))
            .toList());
  }

  private static List<SeriesSamples> decode(Row row) {
    return MetricBlocks.decode(row.getShort("fmt"), row.getBuffer("data").getBytes());
  }

  private Future<Map<Long, String>> names(RowSet<Row> rows) {
    return worker
        .executeBlocking(
            () -> {
              Set<Long> ids = new HashSet<>();
              for (Row row : rows) {
                decode(row).forEach(series -> ids.add(series.id()));
              }
              return ids.toArray(Long[]::new);
            },
            false)
        .compose(
            ids -> {
              Tuple parameters = Tuple.tuple();
              parameters.addValue(ids);
              return postgres.pool().preparedQuery(MergeSql.METRIC_NAMES).execute(parameters);
            })
        .map(
            found -> {
              Map<Long, String> names = new HashMap<>();
              found.forEach(row -> names.put(row.getLong(0), row.getString(1)));
              return names;
            });
  }

  private Future<Integer> exchange(Exchange exchange) {
    int size = exchange.rows.size();
    return postgres
        .pool()
        .withTransaction(
            connection ->
                connection
                    .preparedQuery(MergeSql.delete(exchange.table))
                    .execute(keys(exchange))
                    .compose(
                        gone ->
                            gone.rowCount() == size
                                ? insert(connection, exchange)
                                : Future.failedFuture(new OvertakenException())))
        .map(size)
        .recover(
            e ->
                e instanceof OvertakenException
                    ? Future.succeededFuture(0)
                    : Future.failedFuture(e));
  }

  private static Tuple keys(Exchange exchange) {
    Tuple keys = Tuple.tuple();
    keys.addValue(
        exchange.rows.stream().map(row -> row.getInteger("part")).toArray(Integer[]::new));
    keys.addValue(
        exchange.rows.stream()
            .map(row -> row.getOffsetDateTime("min_ts"))
            .toArray(OffsetDateTime[]::new));
    keys.addValue(exchange.rows.stream().map(row -> row.getLong("id")).toArray(Long[]::new));
    if (exchange.table.equals(Partitions.METRICS)) {
      keys.addValue(exchange.rows.get(0).getShort("source"));
    }
    return keys;
  }

  private static Future<Void> insert(SqlConnection connection, Exchange exchange) {
    int part = exchange.rows.stream().mapToInt(row -> row.getInteger("part")).min().orElseThrow();
    Future<?> chain = Future.succeededFuture();
    if (exchange.table.equals(Partitions.SPANS)) {
      chain = connection.preparedQuery(MergeSql.delete(Partitions.TRACES)).execute(keys(exchange));
    }
    for (Batch.Content content : exchange.contents) {
      CommitStatement.Prepared statement = CommitStatement.merged(part, content);
      chain =
          chain.compose(
              done -> connection.preparedQuery(statement.sql()).execute(statement.parameters()));
    }
    return chain.mapEmpty();
  }

  private static List<Row> list(RowSet<Row> rows) {
    return StreamSupport.stream(rows.spliterator(), false).toList();
  }
}
