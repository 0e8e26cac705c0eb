package dev.tocsin.storage.write.commit;

import static dev.tocsin.storage.schema.PgValues.instant;
import static dev.tocsin.storage.schema.PgValues.text;

import dev.tocsin.segment.index.TokenBloom;
import dev.tocsin.segment.log.EncodedLogs;
import dev.tocsin.segment.log.LogSegments;
import dev.tocsin.segment.metric.EncodedMetrics;
import dev.tocsin.segment.metric.MetricBlocks;
import dev.tocsin.segment.span.EncodedSpans;
import dev.tocsin.segment.span.SpanSegments;
import dev.tocsin.segment.summary.ExceptionRow;
import dev.tocsin.segment.summary.OperationId;
import dev.tocsin.segment.summary.TraceBlock;
import dev.tocsin.storage.ports.Batch;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;

/**
 * One statement a batch: the offset's compare-and-set, and every insert fed from its result, so
 * that all happen or none. It answers with one number, 1 when the offset moved.
 */
public final class CommitStatement {
  private static final String MOVE_OFFSET =
      """
      with moved as (
        update ingest_offset set next_offset = $1
        where topic = $2 and part = $3 and next_offset = $4 and epoch = $5
        returning part, $6::bigint as id)
      """;

  private static final String MERGED =
      "with moved as (select $1::int as part, -nextval('merged_id') as id)";

  private final StringBuilder sql;
  private final long nextId;
  private final Tuple parameters = Tuple.tuple();
  private int branches;

  /**
   * @param nextId of the first record after the batch
   */
  private CommitStatement(String head, long nextId) {
    this.sql = new StringBuilder(head);
    this.nextId = nextId;
  }

  public record Prepared(String sql, Tuple parameters) {}

  static Prepared of(Batch batch) {
    CommitStatement statement =
        new CommitStatement(MOVE_OFFSET, Batch.id(batch.epoch(), batch.nextOffset()));
    statement
        .parameters
        .addLong(batch.nextOffset())
        .addString(batch.topic())
        .addInteger(batch.part())
        .addLong(batch.expectedOffset())
        .addInteger(batch.epoch())
        .addLong(Batch.id(batch.epoch(), batch.expectedOffset()));
    statement.addContent(batch.content());
    statement.sql.append("select count(*) from moved");
    return new Prepared(statement.sql.toString(), statement.parameters);
  }

  /** Inserts what was merged, with an id of its own; no offset moves. */
  public static Prepared merged(int part, Batch.Content content) {
    CommitStatement statement = new CommitStatement(MERGED, 0);
    statement.parameters.addInteger(part);
    statement.addContent(content);
    statement.sql.append("select count(*) from moved");
    return new Prepared(statement.sql.toString(), statement.parameters);
  }

  private void addContent(Batch.Content content) {
    if (content instanceof Batch.Spans spans) {
      spans.parts().forEach(this::addSpans);
      addOperations(spans);
      spans.summary().traces().forEach(this::addTraces);
      spans.summary().red().forEach(block -> branch(SummaryBranches.red(block)));
      spans.summary().edges().forEach(block -> branch(SummaryBranches.edges(block)));
      addExceptions(spans.summary().exceptions(), false);
    } else if (content instanceof Batch.Logs logs) {
      logs.parts().forEach(this::addLogs);
      addExceptions(logs.exceptions(), true);
    } else if (content instanceof Batch.Samples samples) {
      samples.parts().forEach(part -> addBlock(samples.source(), part));
      addSeries(samples.series());
      addMetadata(samples.metadata());
      samples.totals().ifPresent(totals -> addTotals(samples.source(), totals));
    }
  }

  private void addSpans(EncodedSpans spans) {
    branch(
        """
        insert into span_seg
          (part, min_ts, id, max_ts, max_end, fmt, n, svcs, trace_hash, tokens, core, ids, attrs,
           events, attr_bloom, unpacked)
        select part, %s::timestamptz, id, %s::timestamptz, %s::timestamptz, %s::smallint, %s::int,
          %s::text[], %s::int[], %s::int[], %s::bytea, %s::bytea, %s::bytea, %s::bytea, %s::bytea,
          %s::int
        from moved\
        """,
        instant(spans.minNanos()),
        instant(spans.maxNanos()),
        instant(spans.maxEndNanos()),
        (short) SpanSegments.FORMAT,
        spans.count(),
        texts(spans.services()),
        spans.traceHashes(),
        spans.tokens(),
        Buffer.buffer(spans.core()),
        Buffer.buffer(spans.ids()),
        Buffer.buffer(spans.attrs()),
        Buffer.buffer(spans.events()),
        Buffer.buffer(spans.attrBloom()),
        spans.unpacked());
  }

  private void addOperations(Batch.Spans spans) {
    List<EncodedSpans.Operation> operations = spans.operations();
    if (operations.isEmpty()) {
      return;
    }
    long newest = spans.parts().stream().mapToLong(EncodedSpans::maxNanos).max().orElse(0);
    branch(
        """
        insert into operation (part, service, name, kind, op, first_seen, last_seen)
        select part, seen.service, seen.name, seen.kind, seen.op, at, at
        from moved, unnest(%s::text[], %s::text[], %s::int[], %s::bigint[])
            as seen (service, name, kind, op),
          (select %s::timestamptz as at) as newest
        on conflict (part, service, name, kind) do update set
          op = excluded.op, last_seen = greatest(operation.last_seen, excluded.last_seen)\
        """,
        texts(operations.stream().map(EncodedSpans.Operation::service).toList()),
        texts(operations.stream().map(EncodedSpans.Operation::name).toList()),
        operations.stream().map(EncodedSpans.Operation::kind).toArray(Integer[]::new),
        operations.stream().map(OperationId::of).toArray(Long[]::new),
        instant(newest));
  }

  private void addLogs(EncodedLogs logs) {
    branch(
        """
        insert into log_seg
          (part, min_ts, id, max_ts, fmt, n, svcs, sev_mask, trace_hash, tokens, nblk, bloom,
           meta, body, attrs, unpacked)
        select part, %s::timestamptz, id, %s::timestamptz, %s::smallint, %s::int, %s::text[],
          %s::int, %s::int[], %s::int[], %s::int, %s::bytea, %s::bytea, %s::bytea, %s::bytea,
          %s::int from moved\
        """,
        instant(logs.minNanos()),
        instant(logs.maxNanos()),
        (short) LogSegments.FORMAT,
        logs.count(),
        texts(logs.services()),
        logs.severityMask(),
        logs.traceHashes(),
        logs.tokens(),
        logs.bloom().length / TokenBloom.BLOCK_BYTES,
        Buffer.buffer(logs.bloom()),
        Buffer.buffer(logs.meta()),
        Buffer.buffer(logs.body()),
        Buffer.buffer(logs.attrs()),
        logs.unpacked());
  }

  private void addBlock(int source, EncodedMetrics block) {
    branch(
        """
        insert into metric_block
          (part, min_ts, source, id, max_ts, fmt, n, metrics, data, raw, unpacked)
        select part, %s::timestamptz, %s::smallint, id, %s::timestamptz, %s::smallint, %s::int,
          %s::int[], %s::bytea, %s::bytea, %s::int from moved\
        """,
        atMs(block.minMs()),
        (short) source,
        atMs(block.maxMs()),
        (short) MetricBlocks.FORMAT,
        block.count(),
        block.metrics(),
        Buffer.buffer(block.data()),
        Buffer.buffer(block.raw()),
        block.unpacked());
  }

  private void addSeries(List<Batch.SeriesEntry> series) {
    if (series.isEmpty()) {
      return;
    }
    branch(
        """
        insert into series (part, series_id, metric, labels, first_seen, last_seen)
        select part, seen.id, seen.metric, seen.labels::jsonb, seen.at, seen.at
        from moved, unnest(%s::bigint[], %s::text[], %s::text[], %s::timestamptz[])
          as seen (id, metric, labels, at)
        on conflict (part, series_id) do update set
          first_seen = least(series.first_seen, excluded.first_seen),
          last_seen = greatest(series.last_seen, excluded.last_seen)\
        """,
        series.stream().map(Batch.SeriesEntry::id).toArray(Long[]::new),
        texts(series.stream().map(Batch.SeriesEntry::metric).toList()),
        texts(series.stream().map(Batch.SeriesEntry::labelsJson).toList()),
        series.stream().map(entry -> atMs(entry.seenMs())).toArray(OffsetDateTime[]::new));
  }

  private void addMetadata(List<Batch.MetricEntry> metadata) {
    if (metadata.isEmpty()) {
      return;
    }
    branch(
        """
        insert into metric_metadata (part, id, metric, type, help, unit, last_seen)
        select part, seen.id, seen.metric, seen.type, seen.help, seen.unit, seen.at
        from moved, unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[],
            %s::timestamptz[])
          as seen (id, metric, type, help, unit, at)
        on conflict (part, id) do update set
          last_seen = greatest(metric_metadata.last_seen, excluded.last_seen)\
        """,
        metadata.stream().map(Batch.MetricEntry::id).toArray(Long[]::new),
        texts(metadata.stream().map(Batch.MetricEntry::metric).toList()),
        texts(metadata.stream().map(Batch.MetricEntry::type).toList()),
        texts(metadata.stream().map(Batch.MetricEntry::help).toList()),
        texts(metadata.stream().map(Batch.MetricEntry::unit).toList()),
        metadata.stream().map(entry -> atMs(entry.seenMs())).toArray(OffsetDateTime[]::new));
  }

  private void addTotals(int source, EncodedMetrics totals) {
    branch(
        """
        insert into delta_state (part, source, as_of, fmt, data)
        select part, %s::smallint, %s::bigint, %s::smallint, %s::bytea from moved
        on conflict (part, source)
        do update set as_of = excluded.as_of, fmt = excluded.fmt, data = excluded.data\
        """,
        (short) source, nextId, (short) MetricBlocks.FORMAT, Buffer.buffer(totals.data()));
  }

  private void addTraces(TraceBlock traces) {
    branch(SummaryBranches.traces(traces, "select part, id from moved"));
  }

  private void addExceptions(List<ExceptionRow> rows, boolean fromLogs) {
    SummaryBranches.exceptionGroups(rows).ifPresent(this::branch);
    SummaryBranches.exceptionMinutes(rows, fromLogs).ifPresent(this::branch);
  }

  private void branch(SummaryBranches.Branch branch) {
    branch(branch.text(), branch.values());
  }

  /** Adds a branch; each {@code %s} becomes the next parameter. */
  private void branch(String text, Object... values) {
    Object[] names = new Object[values.length];
    for (int i = 0; i < values.length; i++) {
      parameters.addValue(values[i]);
      names[i] = "$" + parameters.size();
    }
    sql.append(", b").append(branches++).append(" as (");
    sql.append(text.formatted(names)).append(")\n");
  }

  private static OffsetDateTime atMs(long millis) {
    return Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC);
  }

  private static String[] texts(List<String> values) {
    return values.stream().map(value -> text(value)).toArray(String[]::new);
  }
}
