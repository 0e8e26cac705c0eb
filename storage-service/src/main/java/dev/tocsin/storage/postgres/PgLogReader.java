package dev.tocsin.storage.postgres;

import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.storage.LogQuery;
import dev.tocsin.storage.LogReader;
import dev.tocsin.storage.QueryLimits;
import dev.tocsin.storage.segment.Hashes;
import dev.tocsin.storage.segment.LogSegment;
import dev.tocsin.storage.segment.TextTokens;
import dev.tocsin.storage.segment.Tokens;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Log records from log segments: index and bloom find segments, decoding finds records. */
final class PgLogReader implements LogReader {
  private static final String COLUMNS = "fmt, meta, body, attrs";

  /** Words beyond these narrow little; the longest are the rarest. */
  private static final int WORDS_MAX = 6;

  private static final String BLOOM = "bloom";
  private static final String BLOOM_BLOCKS = "nblk";
  private static final int SEVERITIES = 24;

  private final Postgres postgres;
  private final QueryPool queries;
  private final QueryLimits limits;

  PgLogReader(Postgres postgres, QueryPool queries, QueryLimits limits) {
    this.postgres = postgres;
    this.queries = queries;
    this.limits = limits;
  }

  @Override
  public Future<List<StoredLog>> search(LogQuery query) {
    return queries.run(() -> read(query));
  }

  private List<StoredLog> read(LogQuery query) throws Exception {
    Budget budget = new Budget(limits);
    TokenFilter filter = filter(query);
    NewestFirst segments =
        new NewestFirst(
            postgres.pool(),
            budget,
            Partitions.LOGS,
            COLUMNS,
            filter.where(),
            filter.parameters(),
            query.range());
    PriorityQueue<StoredLog> newest =
        new PriorityQueue<>(Comparator.comparingLong(StoredLog::nanos));
    for (Row row = segments.next(); row != null; row = segments.next()) {
      StoredLog oldest = newest.peek();
      boolean full = newest.size() >= query.limit() && oldest != null;
      if (full && oldest.nanos() >= NewestFirst.endNanos(row)) {
        break;
      }
      collect(open(row, budget), query, newest);
    }
    List<StoredLog> answer = new ArrayList<>(newest);
    answer.sort(Comparator.comparingLong(StoredLog::nanos).reversed());
    return answer;
  }

  private static LogSegment open(Row row, Budget budget) {
    Buffer meta = row.getBuffer(4);
    Buffer body = row.getBuffer(5);
    Buffer attrs = row.getBuffer(6);
    budget.read((long) meta.length() + body.length() + attrs.length());
    return new LogSegment(row.getShort(3), meta.getBytes(), body.getBytes(), attrs.getBytes());
  }

  private static TokenFilter filter(LogQuery query) {
    TokenFilter filter = new TokenFilter();
    if (!query.service().isEmpty()) {
      filter.equal(Tokens.SERVICE, query.service(), BLOOM, BLOOM_BLOCKS);
    }
    if (!query.traceId().isEmpty()) {
      filter.overlaps("trace_hash", Hashes.traceKeys(query.traceId()));
      filter.and(filter.probe(Hashes.traceMark(query.traceId()), BLOOM, BLOOM_BLOCKS));
    }
    if (query.severityMin() > 0) {
      int wanted = 0;
      for (int severity = query.severityMin(); severity <= SEVERITIES; severity++) {
        wanted |= 1 << severity;
      }
      filter.and("(sev_mask & " + filter.next(wanted) + "::int) <> 0");
    }
    TextTokens.of(query.text()).stream()
        .sorted(Comparator.comparingInt(String::length).reversed())
        .limit(WORDS_MAX)
        .forEach(word -> filter.and(filter.probe(Hashes.of(word), BLOOM, BLOOM_BLOCKS)));
    return filter;
  }

  private static void collect(LogSegment segment, LogQuery query, PriorityQueue<StoredLog> newest) {
    boolean all = query.service().isEmpty();
    int end = all ? segment.count() : segment.endRow(query.service());
    for (int row = all ? 0 : segment.firstRow(query.service()); row < end; row++) {
      StoredLog oldest = newest.peek();
      boolean full = newest.size() >= query.limit();
      if (full && oldest != null && segment.nanos(row) <= oldest.nanos()) {
        continue;
      }
      if (matches(segment, row, query)) {
        newest.add(
            new StoredLog(
                segment.nanos(row),
                segment.service(row),
                segment.text(row),
                segment.log(row),
                segment.resource(row),
                segment.scope(row)));
        if (newest.size() > query.limit()) {
          newest.poll();
        }
      }
    }
  }

  private static boolean matches(LogSegment segment, int row, LogQuery query) {
    long nanos = segment.nanos(row);
    return nanos >= query.range().startNanos()
        && nanos <= query.range().endNanos()
        && (query.severityMin() <= 0 || segment.severity(row) >= query.severityMin())
        && (query.traceId().isEmpty() || segment.traceId(row).equals(query.traceId()))
        && (query.text().isEmpty() || TextTokens.contains(segment.text(row), query.text()));
  }
}
