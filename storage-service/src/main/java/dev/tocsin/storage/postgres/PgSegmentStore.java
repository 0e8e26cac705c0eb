package dev.tocsin.storage.postgres;

import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.storage.Batch;
import dev.tocsin.storage.SegmentStore;
import dev.tocsin.storage.UnstorableException;
import dev.tocsin.storage.segment.MetricBlocks;
import dev.tocsin.storage.segment.SeriesSamples;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.DatabaseException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The store on a PostgreSQL. */
final class PgSegmentStore implements SegmentStore {
  private static final String NEXT_OFFSET =
      """
      with made as (
        insert into ingest_offset (topic, part, next_offset) values ($1, $2, 0)
        on conflict do nothing returning next_offset)
      select next_offset from made
      union all
      select next_offset from ingest_offset where topic = $1 and part = $2
      """;
  private static final String MOVE_OFFSET =
      """
      update ingest_offset set next_offset = $4 where topic = $1 and part = $2 and next_offset = $3
      """;
  private static final String TOTALS =
      "select as_of, fmt, data from delta_state where part = $1 and source = $2";
  private static final String BLOCKS_SINCE =
      """
      select fmt, data from metric_block where part = $1 and source = $2 and id >= $3
      order by id, min_ts
      """;

  private static final List<String> SPAN_TABLES =
      List.of(
          Partitions.SPANS,
          Partitions.RED,
          Partitions.TRACES,
          Partitions.EDGES,
          Partitions.EXCEPTIONS);
  private static final List<String> LOG_TABLES = List.of(Partitions.LOGS, Partitions.EXCEPTIONS);
  private static final List<String> METRIC_TABLES = List.of(Partitions.METRICS);

  private final Postgres postgres;
  private final Partitions partitions;

  PgSegmentStore(Postgres postgres, Partitions partitions) {
    this.postgres = postgres;
    this.partitions = partitions;
  }

  @Override
  public Future<Long> nextOffset(String topic, int part) {
    return postgres
        .pool()
        .preparedQuery(NEXT_OFFSET)
        .execute(Tuple.of(topic, part))
        .map(rows -> rows.iterator().next().getLong(0));
  }

  @Override
  public Future<Boolean> moveOffset(String topic, int part, long expected, long next) {
    return postgres
        .pool()
        .preparedQuery(MOVE_OFFSET)
        .execute(Tuple.of(topic, part, expected, next))
        .map(rows -> rows.rowCount() == 1);
  }

  @Override
  public Future<Boolean> commit(Batch batch) {
    CommitStatement.Prepared statement = CommitStatement.of(batch);
    List<LocalDate> days =
        batch.content().starts().stream()
            .map(start -> LocalDate.ofInstant(start, ZoneOffset.UTC))
            .toList();
    return partitions
        .ensure(tables(batch.content()), days)
        .compose(
            done -> postgres.pool().preparedQuery(statement.sql()).execute(statement.parameters()))
        .map(rows -> rows.iterator().next().getLong(0) == 1)
        .onFailure(e -> partitions.forget())
        .recover(e -> Future.failedFuture(classified(e)));
  }

  /** SQLSTATE classes 22 (data exception) and 54 (program limit exceeded) are about the data. */
  private static Throwable classified(Throwable failure) {
    String state = failure instanceof DatabaseException e ? String.valueOf(e.getSqlState()) : "";
    return state.startsWith("22") || state.startsWith("54")
        ? new UnstorableException("refused by the database: " + failure.getMessage(), failure)
        : failure;
  }

  private static List<String> tables(Batch.Content content) {
    if (content instanceof Batch.Spans) {
      return SPAN_TABLES;
    }
    return content instanceof Batch.Logs ? LOG_TABLES : METRIC_TABLES;
  }

  @Override
  public Future<List<SeriesSamples>> totals(int part, int source) {
    Tuple key = Tuple.of(part, (short) source);
    return postgres
        .pool()
        .preparedQuery(TOTALS)
        .execute(key)
        .compose(
            rows -> {
              Map<Long, SeriesSamples> totals = new HashMap<>();
              long asOf = 0;
              for (Row row : rows) {
                asOf = row.getLong(0);
                collect(totals, row.getShort(1), row.getBuffer(2));
              }
              return postgres
                  .pool()
                  .preparedQuery(BLOCKS_SINCE)
                  .execute(Tuple.of(part, (short) source, asOf))
                  .map(
                      blocks -> {
                        for (Row row : blocks) {
                          collect(totals, row.getShort(0), row.getBuffer(1));
                        }
                        return (List<SeriesSamples>) new ArrayList<>(totals.values());
                      });
            });
  }

  /** Blocks come in offset order, so that a later one holds the later total. */
  private static void collect(Map<Long, SeriesSamples> totals, int format, Buffer data) {
    for (SeriesSamples series : MetricBlocks.decode(format, data.getBytes())) {
      if (series.accumulated() && series.lastRecorded() >= 0) {
        totals.put(series.id(), series);
      }
    }
  }
}
