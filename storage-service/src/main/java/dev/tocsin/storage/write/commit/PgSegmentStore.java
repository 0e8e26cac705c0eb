package dev.tocsin.storage.write.commit;

import dev.tocsin.common.kafka.Resume;
import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.segment.metric.MetricBlocks;
import dev.tocsin.segment.metric.SeriesSamples;
import dev.tocsin.storage.keep.partition.Partitions;
import dev.tocsin.storage.ports.Batch;
import dev.tocsin.storage.ports.SegmentStore;
import dev.tocsin.storage.ports.UnstorableException;
import dev.tocsin.storage.schema.PgValues;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.DatabaseException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/** The store on a PostgreSQL. */
public final class PgSegmentStore implements SegmentStore {
  private static final Set<String> REFUSALS = Set.of("21", "22", "23", "54");
  private static final int BLOCKS_AT_ONCE = 16;

  private static final String POINT =
      """
      with made as (
        insert into ingest_offset (topic, part, next_offset) values ($1, $2, 0)
        on conflict do nothing returning next_offset, topic_id, epoch)
      select * from made
      union all
      select next_offset, topic_id, epoch from ingest_offset where topic = $1 and part = $2
      """;
  private static final String RESUME =
      """
      with moved as (
        update ingest_offset set next_offset = $5, topic_id = $6, epoch = $7
        where topic = $1 and part = $2 and next_offset = $3 and epoch = $4
        returning part),
      told as (
        insert into ingest_gap (part, topic, from_offset, to_offset, reason)
        select part, $1, gap.from_offset, gap.to_offset, gap.reason
        from moved, unnest($8::bigint[], $9::bigint[], $10::text[])
          as gap (from_offset, to_offset, reason))
      select count(*) from moved
      """;
  private static final String TOTALS =
      "select as_of, fmt, data from delta_state where part = $1 and source = $2";
  private static final String BLOCKS_SINCE =
      """
      select fmt, data, id, min_ts from metric_block
      where part = $1 and source = $2 and (id, min_ts) > ($3, $4) order by id, min_ts limit %d
      """
          .formatted(BLOCKS_AT_ONCE);

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

  public PgSegmentStore(Postgres postgres, Partitions partitions) {
    this.postgres = postgres;
    this.partitions = partitions;
  }

  @Override
  public Future<Resume.Point> point(String topic, int part) {
    return postgres
        .pool()
        .preparedQuery(POINT)
        .execute(Tuple.of(topic, part))
        .map(
            rows -> {
              Row row = rows.iterator().next();
              return new Resume.Point(row.getLong(0), topicId(row.getUUID(1)), row.getInteger(2));
            });
  }

  private static Uuid topicId(@Nullable UUID stored) {
    return stored == null
        ? Uuid.ZERO_UUID
        : new Uuid(stored.getMostSignificantBits(), stored.getLeastSignificantBits());
  }

  private static @Nullable UUID topicId(Uuid id) {
    return id.equals(Uuid.ZERO_UUID)
        ? null
        : new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
  }

  @Override
  public Future<Boolean> resume(String topic, int part, Resume.Point kept, Resume resume) {
    Resume.Point point = resume.point();
    List<Resume.Gap> gaps = resume.gaps();
    Tuple parameters =
        Tuple.of(
            topic, part, kept.offset(), kept.epoch(), point.offset(), topicId(point.topicId()));
    parameters.addInteger(point.epoch());
    parameters.addValue(gaps.stream().map(Resume.Gap::from).toArray(Long[]::new));
    parameters.addValue(
        gaps.stream()
            .map(gap -> gap.to().isPresent() ? (Long) gap.to().getAsLong() : null)
            .toArray(Long[]::new));
    parameters.addValue(
        gaps.stream()
            .map(gap -> gap.reason().name().toLowerCase(Locale.ROOT))
            .toArray(String[]::new));
    return postgres
        .pool()
        .preparedQuery(RESUME)
        .execute(parameters)
        .map(rows -> rows.iterator().next().getLong(0) == 1);
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

  /**
   * SQLSTATE classes 21 (a row twice in one statement), 22 (data exception), 23 (a key that is
   * there already) and 54 (program limit exceeded) are about the data.
   */
  private static Throwable classified(Throwable failure) {
    String state = failure instanceof DatabaseException e ? String.valueOf(e.getSqlState()) : "";
    return REFUSALS.contains(state.substring(0, Math.min(2, state.length())))
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
              // All from there on: what is stored is younger.
              Tuple from = Tuple.of(part, (short) source, asOf, PgValues.instant(Instant.EPOCH));
              return addBlocks(totals, from);
            })
        .map(totals -> (List<SeriesSamples>) new ArrayList<>(totals.values()));
  }

  /** A few blocks at a time: many may have come since the totals were stored last. */
  private Future<Map<Long, SeriesSamples>> addBlocks(Map<Long, SeriesSamples> totals, Tuple from) {
    return postgres
        .pool()
        .preparedQuery(BLOCKS_SINCE)
        .execute(from)
        .compose(
            blocks -> {
              Tuple next = from;
              for (Row row : blocks) {
                collect(totals, row.getShort(0), row.getBuffer(1));
                next =
                    Tuple.of(
                        from.getInteger(0),
                        from.getShort(1),
                        row.getLong(2),
                        row.getOffsetDateTime(3));
              }
              return blocks.size() < BLOCKS_AT_ONCE
                  ? Future.succeededFuture(totals)
                  : addBlocks(totals, next);
            });
  }

  /** Blocks come in offset order, so that a later one holds the later total. */
  private static void collect(Map<Long, SeriesSamples> totals, int format, Buffer data) {
    for (SeriesSamples series : MetricBlocks.decode(format, data.getBytes())) {
      if (series.accumulated()) {
        series.lastTotal().ifPresent(total -> totals.put(total.id(), total));
      }
    }
  }
}
