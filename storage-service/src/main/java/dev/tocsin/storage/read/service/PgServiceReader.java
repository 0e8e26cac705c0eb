package dev.tocsin.storage.read.service;

import com.google.protobuf.ByteString;
import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.CountedKinds;
import dev.tocsin.storage.ports.Measures;
import dev.tocsin.storage.ports.QueryLimitException;
import dev.tocsin.storage.ports.ServiceReader;
import dev.tocsin.storage.ports.TimeRange;
import dev.tocsin.storage.query.QueryPool;
import dev.tocsin.storage.schema.PgValues;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Summaries by the functions of the schema; see migrations V002, V012 and V015. */
public final class PgServiceReader implements ServiceReader {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private static final String STEP = "make_interval(mins => $6::int)";
  private static final String AT = "date_bin(" + STEP + ", minute, $1)";

  /** Spans of the future are none yet: rates are of the time that was. */
  private static final String RANGE_END = "$2, now()";

  private static final String SERVICES =
      measures(
          "service, '' as operation, 0 as kind", "true", "service", "service", RANGE_END, "$1");
  private static final String OPERATIONS =
      measures(
              "service, case when asked then operation else '' end as called,"
                  + " case when asked then kind else -1 end as called_kind",
              "service = $4",
              "service, called, called_kind, asked",
              "asked, calls desc, called, called_kind",
              RANGE_END,
              "$1")
          + " limit 1000";
  private static final String OVER_TIME =
      measures(
          AT + " as at",
          "service = $4 and ($5::text is null or operation = $5)",
          "at",
          "at",
          RANGE_END + ", " + AT + " + " + STEP,
          AT);

  private static final String MAP =
      """
      select client, server, connection_type, calls, failed, calls_per_second,
        client_mean_seconds, server_mean_seconds
      from service_map($1, $2) order by client, server, connection_type limit 10000\
      """;

  private static final String EXCEPTIONS =
      """
      select fingerprint, service, type, occurrences, first_seen, last_seen, message, stack, trace_id
      from exceptions($1, $2) where $3::text is null or service = $3
      order by occurrences desc, last_seen desc, fingerprint limit $4\
      """;

  private static final int EXCEPTION_GROUPS_MAX = 100_000;
  private static final String EXCEPTION_COUNTS =
      """
      with known as (
        select fingerprint, max(last_seen) as last_seen from exception_group
        where $3::text is null or service = $3 group by fingerprint)
      select fingerprint, events, logs, other_logs, last_seen
      from exception_counts($1, $2) join known using (fingerprint) limit %d\
      """
          .formatted(EXCEPTION_GROUPS_MAX + 1);
  private static final String EXCEPTION_GROUPS =
      """
      select distinct on (fingerprint) fingerprint, service, type, 0::bigint,
        min(first_seen) over same, max(last_seen) over same, message, stack,
        replace(trace_id::text, '-', '')
      from exception_group where fingerprint = any($1)
      window same as (partition by fingerprint)
      order by fingerprint, last_seen desc\
      """;

  private final Postgres postgres;
  private final QueryPool queries;

  public PgServiceReader(Postgres postgres, QueryPool queries) {
    this.postgres = postgres;
    this.queries = queries;
  }

  /**
   * Buckets are added up element by element before quantiles are taken of them. A service younger
   * than the range, whatever the kinds of its spans, is measured from when it was seen first.
   *
   * @param ends times the first of which ends what a row measures
   * @param start when what a row measures begins
   */
  private static String measures(
      String keys, String where, String groupBy, String orderBy, String ends, String start) {
    return """
    with counted as (
      select *, case when kind between 2 and 5 then kind else 1 end = any($3) as asked,
        min(minute) over (partition by service) as first_minute
      from red_buckets($1, $2)),
    born as (select service, min(first_seen) as first_seen from operation group by service)
    select %s, coalesce(sum(calls) filter (where asked), 0)::bigint as calls,
      coalesce(sum(calls) filter (where asked and status = 2), 0)::bigint as errors,
      coalesce(sum(sum_ns) filter (where asked), 0)::float8 as sum_ns, array[%s] as buckets,
      greatest(1, extract(epoch from least(%s)
        - greatest(%s, least(min(first_seen), min(first_minute)))))::float8 as seconds,
      coalesce(sum(calls) filter (where not asked), 0)::bigint as others
    from counted join born using (service) where %s group by %s order by %s\
    """
        .formatted(keys, bucketSums(), ends, start, where, groupBy, orderBy);
  }

  private static String bucketSums() {
    List<String> sums = new ArrayList<>();
    for (int i = 1; i <= 16; i++) {
      sums.add("coalesce(sum(calls) filter (where asked and bucket = " + i + "), 0)::bigint");
    }
    return String.join(", ", sums);
  }

  @Override
  public Future<List<Red>> services(
      TimeRange range, CountedKinds kinds, Cancellation cancellation) {
    return reds(SERVICES, counted(range, kinds), cancellation);
  }

  @Override
  public Future<List<Red>> operations(
      String service, TimeRange range, CountedKinds kinds, Cancellation cancellation) {
    return reds(OPERATIONS, counted(range, kinds).addString(PgValues.text(service)), cancellation);
  }

  private Future<List<Red>> reds(String sql, Tuple parameters, Cancellation cancellation) {
    return rows(
        sql,
        parameters,
        cancellation,
        row -> new Red(row.getString(0), row.getString(1), row.getInteger(2), measures(row, 3)));
  }

  @Override
  public Future<List<RedPoint>> overTime(
      String service,
      Optional<String> operation,
      TimeRange range,
      CountedKinds kinds,
      int stepMinutes,
      Cancellation cancellation) {
    Tuple parameters =
        counted(range, kinds)
            .addString(PgValues.text(service))
            .addString(operation.map(PgValues::text).orElse(null))
            .addInteger(stepMinutes);
    return rows(
        OVER_TIME,
        parameters,
        cancellation,
        row -> new RedPoint(row.getOffsetDateTime(0).toInstant(), measures(row, 1)));
  }

  /**
   * @param first place of calls, errors, sum_ns, buckets, seconds and others
   */
  private static Measures measures(Row row, int first) {
    return new Measures(
        row.getLong(first),
        row.getLong(first + 1),
        row.getDouble(first + 2),
        List.of(row.getArrayOfLongs(first + 3)),
        row.getDouble(first + 4),
        row.getLong(first + 5));
  }

  private static double number(@Nullable Double value) {
    return value == null ? 0 : value;
  }

  @Override
  public Future<List<Edge>> map(TimeRange range, Cancellation cancellation) {
    return rows(
        MAP,
        times(range),
        cancellation,
        row ->
            new Edge(
                row.getString(0),
                row.getString(1),
                row.getString(2),
                row.getLong(3),
                row.getLong(4),
                row.getDouble(5),
                number(row.getDouble(6)),
                number(row.getDouble(7))));
  }

  @Override
  public Future<List<ExceptionGroup>> exceptions(
      Optional<String> service, TimeRange range, int limit, Cancellation cancellation) {
    Tuple parameters =
        times(range).addString(service.map(PgValues::text).orElse(null)).addInteger(limit);
    return rows(EXCEPTIONS, parameters, cancellation, PgServiceReader::exception);
  }

  @Override
  public Future<List<ExceptionCount>> exceptionCounts(
      Optional<String> service, TimeRange range, Cancellation cancellation) {
    Tuple parameters = times(range).addString(service.map(PgValues::text).orElse(null));
    return rows(
            EXCEPTION_COUNTS,
            parameters,
            cancellation,
            row ->
                new ExceptionCount(
                    row.getLong(0),
                    row.getLong(1),
                    row.getLong(2),
                    row.getLong(3),
                    row.getOffsetDateTime(4).toInstant()))
        .map(
            counts -> {
              if (counts.size() > EXCEPTION_GROUPS_MAX) {
                throw new QueryLimitException(
                    QueryLimitException.Kind.TOO_MUCH,
                    "more than "
                        + EXCEPTION_GROUPS_MAX
                        + " kinds of exceptions (expected: a shorter time range or a service)");
              }
              return counts;
            });
  }

  @Override
  public Future<List<ExceptionGroup>> exceptionGroups(
      Collection<Long> fingerprints, Cancellation cancellation) {
    Tuple parameters = Tuple.tuple();
    parameters.addValue(fingerprints.toArray(Long[]::new));
    return rows(EXCEPTION_GROUPS, parameters, cancellation, PgServiceReader::exception);
  }

  private static ExceptionGroup exception(Row row) {
    String traceId = row.getString(8);
    return new ExceptionGroup(
        row.getLong(0),
        row.getString(1),
        row.getString(2),
        row.getLong(3),
        row.getOffsetDateTime(4).toInstant(),
        row.getOffsetDateTime(5).toInstant(),
        row.getString(6),
        row.getString(7),
        traceId == null ? ByteString.EMPTY : ByteString.copyFrom(HexFormat.of().parseHex(traceId)));
  }

  private <T> Future<List<T>> rows(
      String sql, Tuple parameters, Cancellation cancellation, QueryPool.Step<Row, T> reader) {
    return queries.run(
        cancellation,
        budget -> {
          List<T> found = new ArrayList<>();
          for (Row row : budget.select(postgres.pool(), sql, parameters)) {
            found.add(reader.apply(row));
          }
          return found;
        });
  }

  private static Instant start(TimeRange range) {
    return range.start().truncatedTo(ChronoUnit.MINUTES);
  }

  /** Whole minutes: from the one that holds the start to the one that holds the end. */
  private static Instant end(TimeRange range) {
    return range.end().truncatedTo(ChronoUnit.MINUTES).plus(MINUTE);
  }

  private static Tuple times(TimeRange range) {
    return Tuple.of(PgValues.instant(start(range)), PgValues.instant(end(range)));
  }

  private static Tuple counted(TimeRange range, CountedKinds kinds) {
    return times(range).addArrayOfInteger(kinds.toArray());
  }
}
