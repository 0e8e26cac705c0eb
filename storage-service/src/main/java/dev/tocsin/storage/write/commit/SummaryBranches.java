package dev.tocsin.storage.write.commit;

import static dev.tocsin.storage.schema.PgValues.instant;

import dev.tocsin.segment.summary.EdgeBlock;
import dev.tocsin.segment.summary.EdgeRow;
import dev.tocsin.segment.summary.ExceptionRow;
import dev.tocsin.segment.summary.RedBlock;
import dev.tocsin.segment.summary.TraceBlock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/**
 * The tables beside the segments as branches of the {@link CommitStatement}: they read the part
 * from {@code moved}, so a replay adds nothing. Rows come sorted by key, so that two writers that
 * add to the same rows lock them in the same order.
 */
final class SummaryBranches {
  /** Text with a {@code %s} for each value. */
  @SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
  record Branch(String text, Object[] values) {}

  // What the writer stored of the minute before is part of what it stores now.
  private static final String RED =
      """
      insert into span_red (part, minute, id, op, status, bucket, calls, sum_ns)
      select part, %s::timestamptz, %s::bigint, %s::bigint[], %s::smallint[], %s::smallint[],
        %s::int[], %s::bigint[] from moved
      on conflict (part, minute, id) do update set
        op = excluded.op, status = excluded.status, bucket = excluded.bucket,
        calls = excluded.calls, sum_ns = excluded.sum_ns\
      """;

  private static final String TRACES =
      """
      insert into trace_summary
        (part, id, min_ts, max_ts, n, trace_id, start_us, duration_us, spans, errors, root,
         services, root_service, root_name, service_set)
      select key.*, %s::timestamptz, %s::timestamptz, %s::int, %s::uuid[], %s::bigint[],
        %s::bigint[], %s::int[], %s::int[], %s::int[], %s::int[], %s::text[], %s::text[],
        %s::text[] from (\
      """;

  private static final String EDGES =
      """
      insert into service_edge
        (part, minute, id, client, server, connection_type, calls, failed, client_ns, server_ns)
      select part, %s::timestamptz, %s::bigint, %s::text[], %s::text[], %s::text[], %s::int[],
        %s::int[], %s::bigint[], %s::bigint[] from moved
      on conflict (part, minute, id) do update set
        client = excluded.client, server = excluded.server,
        connection_type = excluded.connection_type, calls = excluded.calls,
        failed = excluded.failed, client_ns = excluded.client_ns, server_ns = excluded.server_ns\
      """;

  // What comes late is counted, but is not the sample.
  private static final String GROUPS =
      """
      insert into exception_group as known
        (part, fingerprint, service, type, message, stack, trace_id, first_seen, last_seen)
      select moved.part, e.* from moved, unnest(%s::bigint[], %s::text[], %s::text[], %s::text[],
        %s::text[], %s::uuid[], %s::timestamptz[], %s::timestamptz[]) as e
      on conflict (part, fingerprint) do update set
        message = case when excluded.last_seen >= known.last_seen
          then excluded.message else known.message end,
        stack = case when excluded.last_seen >= known.last_seen
          then excluded.stack else known.stack end,
        trace_id = case when excluded.last_seen >= known.last_seen
          then coalesce(excluded.trace_id, known.trace_id)
          else coalesce(known.trace_id, excluded.trace_id) end,
        first_seen = least(known.first_seen, excluded.first_seen),
        last_seen = greatest(known.last_seen, excluded.last_seen)\
      """;

  private static final String MINUTES =
      """
      insert into exception_minute as known
        (part, fingerprint, minute, from_logs, occurrences, marked, marks)
      select moved.part, e.fingerprint, e.minute, %s::boolean, e.occurrences, e.marked,
        e.marks::bigint[]
      from moved, unnest(%s::bigint[], %s::timestamptz[], %s::int[], %s::int[], %s::text[])
        as e (fingerprint, minute, occurrences, marked, marks)
      on conflict (part, minute, fingerprint, from_logs) do update set
        occurrences = known.occurrences + excluded.occurrences,
        marked = known.marked + excluded.marked,
        marks = case when cardinality(known.marks) < 200
          then known.marks || excluded.marks[1:200 - cardinality(known.marks)]
          else known.marks end\
      """;

  private SummaryBranches() {}

  static Branch red(RedBlock block) {
    return new Branch(
        RED,
        new Object[] {
          minute(block.minute()),
          block.id(),
          block.operations(),
          block.statuses(),
          block.buckets(),
          block.calls(),
          block.sumNanos()
        });
  }

  /**
   * @param key a query for one row of part and id
   */
  static Branch traces(TraceBlock traces, String key) {
    return new Branch(
        TRACES + key + ") as key",
        new Object[] {
          instant(traces.minNanos()),
          instant(traces.maxNanos()),
          traces.traceIds().length,
          traces.traceIds(),
          traces.startMicros(),
          traces.durationMicros(),
          traces.spans(),
          traces.errors(),
          traces.roots(),
          traces.services(),
          traces.rootServices().toArray(String[]::new),
          traces.rootNames().toArray(String[]::new),
          traces.serviceSets().toArray(String[]::new)
        });
  }

  static Branch edges(EdgeBlock block) {
    List<EdgeRow> rows = block.rows();
    return new Branch(
        EDGES,
        new Object[] {
          minute(block.minute()),
          block.id(),
          column(rows, EdgeRow::client, String[]::new),
          column(rows, EdgeRow::server, String[]::new),
          column(rows, EdgeRow::connectionType, String[]::new),
          column(rows, EdgeRow::calls, Integer[]::new),
          column(rows, EdgeRow::failed, Integer[]::new),
          column(rows, EdgeRow::clientNanos, Long[]::new),
          column(rows, EdgeRow::serverNanos, Long[]::new)
        });
  }

  /** One row a fingerprint: a statement may touch a row once. */
  static Optional<Branch> exceptionGroups(List<ExceptionRow> all) {
    if (all.isEmpty()) {
      return Optional.empty();
    }
    List<ExceptionRow> rows = new ArrayList<>();
    List<OffsetDateTime> firstSeen = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      ExceptionRow row = all.get(i);
      int last = rows.size() - 1;
      if (last >= 0 && rows.get(last).fingerprint() == row.fingerprint()) {
        // Later minutes come later: the sample is the newest, the first sight the oldest.
        rows.set(last, row);
      } else {
        rows.add(row);
        firstSeen.add(instant(row.firstNanos()));
      }
    }
    return Optional.of(
        new Branch(
            GROUPS,
            new Object[] {
              column(rows, ExceptionRow::fingerprint, Long[]::new),
              column(rows, ExceptionRow::service, String[]::new),
              column(rows, ExceptionRow::type, String[]::new),
              column(rows, ExceptionRow::message, String[]::new),
              column(rows, ExceptionRow::stack, String[]::new),
              rows.stream().map(ExceptionRow::traceId).toArray(java.util.UUID[]::new),
              firstSeen.toArray(OffsetDateTime[]::new),
              times(rows, row -> instant(row.lastNanos()))
            }));
  }

  static Optional<Branch> exceptionMinutes(List<ExceptionRow> rows, boolean fromLogs) {
    if (rows.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Branch(
            MINUTES,
            new Object[] {
              fromLogs,
              column(rows, ExceptionRow::fingerprint, Long[]::new),
              times(rows, row -> minute(row.minute())),
              column(rows, ExceptionRow::occurrences, Integer[]::new),
              column(rows, ExceptionRow::marked, Integer[]::new),
              column(rows, row -> marks(row.marks()), String[]::new)
            }));
  }

  /** As PostgreSQL writes an array. */
  private static String marks(List<Long> marks) {
    return marks.stream().map(String::valueOf).collect(Collectors.joining(",", "{", "}"));
  }

  private static OffsetDateTime minute(long minutes) {
    return Instant.ofEpochSecond(minutes * 60).atOffset(ZoneOffset.UTC);
  }

  private static <R> OffsetDateTime[] times(List<R> rows, Function<R, OffsetDateTime> value) {
    return column(rows, value, OffsetDateTime[]::new);
  }

  private static <R, V> V[] column(List<R> rows, Function<R, V> value, IntFunction<V[]> array) {
    return rows.stream().map(value).toArray(array);
  }
}
