package dev.tocsin.storage.read.metric;

import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.SelectRequest;
import dev.tocsin.promql.series.SeriesSet;
import dev.tocsin.promql.series.SeriesSource;
import dev.tocsin.promql.text.PromqlException;
import dev.tocsin.segment.index.Hashes;
import dev.tocsin.segment.metric.MetricBlocks;
import dev.tocsin.segment.metric.SeriesSamples;
import dev.tocsin.storage.ports.QueryLimitException;
import dev.tocsin.storage.ports.QueryLimits;
import dev.tocsin.storage.query.Budget;
import dev.tocsin.storage.query.QueryPool;
import dev.tocsin.storage.read.scan.SegmentScan;
import dev.tocsin.storage.schema.PgValues;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Stored series for one query: the catalogue tells which series match, blocks hold their samples.
 * Waits for the database on the query's thread.
 */
public final class PgSeriesSource implements SeriesSource {
  private static final int PAGE = 16;

  /** So far before a range the last sample of a total of deltas is looked for. */
  private static final long TOTAL_BEFORE_MS = Duration.ofMinutes(5).toMillis();

  private static final String BLOCKS =
      """
      select min_ts, part, source, id, fmt, data from metric_block
      where min_ts >= $1 and min_ts <= $2 and max_ts >= $3 and metrics && $4::int[]
        and (min_ts, part, source, id) > ($5, $6, $7, $8)
      order by min_ts, part, source, id limit %d
      """
          .formatted(PAGE);

  private final Pool pool;
  private final QueryPool queries;
  private final Budget budget;
  private final QueryLimits limits;
  private final SeriesCatalogue catalogue;
  private long samples;

  public PgSeriesSource(Pool pool, QueryPool queries, Budget budget, QueryLimits limits) {
    this.pool = pool;
    this.queries = queries;
    this.budget = budget;
    this.limits = limits;
    this.catalogue = new SeriesCatalogue(pool, budget, limits);
  }

  @Override
  public SeriesSet select(SelectRequest request) {
    try {
      return read(request);
    } catch (QueryLimitException e) {
      throw new PromqlException(
          switch (e.kind()) {
            case TIMEOUT -> PromqlException.Kind.TIMEOUT;
            case CANCELLED -> PromqlException.Kind.CANCELED;
            case TOO_MUCH, BUSY -> PromqlException.Kind.LIMIT;
          },
          String.valueOf(e.getMessage()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PromqlException(PromqlException.Kind.CANCELED, "the query was interrupted", e);
    } catch (PromqlException e) {
      throw e;
    } catch (Exception e) {
      throw new PromqlException(
          PromqlException.Kind.EXECUTION, "stored series cannot be read: " + e.getMessage(), e);
    }
  }

  private SeriesSet read(SelectRequest request) throws Exception {
    Map<Long, Labels> found =
        catalogue.find(request.matchers(), request.startMs(), request.endMs());
    if (found.isEmpty()) {
      return SeriesSet.empty();
    }
    Set<String> names = new HashSet<>();
    found.values().forEach(labels -> names.add(labels.metricName()));
    Integer[] metrics = names.stream().map(Hashes::metric).distinct().toArray(Integer[]::new);
    WantedSeries wanted = new WantedSeries(found);
    @Nullable SeriesSamples[] wholes = new SeriesSamples[wanted.size()];
    Tuple first = Tuple.of(PgValues.instant(Instant.EPOCH), -1, (short) -1, -1L);
    Future<RowSet<Row>> asked = ask(request, metrics, first);
    List<Row> page = new ArrayList<>();
    do {
      page.clear();
      budget.answer(asked).forEach(page::add);
      if (page.size() == PAGE) {
        // The database looks for the next ones while these are decoded.
        Row last = page.get(PAGE - 1);
        asked =
            ask(
                request,
                metrics,
                Tuple.of(
                    last.getOffsetDateTime(0),
                    last.getInteger(1),
                    last.getShort(2),
                    last.getLong(3)));
      }
      // Decoded side by side, merged in order: of two samples of one time the later block wins.
      for (List<SeriesSamples> block : queries.forEach(page, row -> decode(row, wanted))) {
        block.forEach(part -> merge(part, wanted, request, wholes));
      }
    } while (page.size() == PAGE);
    List<StoredSeriesSet.Series> series = new ArrayList<>();
    for (int i = 0; i < wholes.length; i++) {
      SeriesSamples whole = wholes[i];
      if (whole != null) {
        whole.begin();
        series.add(new StoredSeriesSet.Series(wanted.labels(i), whole));
      }
    }
    return new StoredSeriesSet(series);
  }

  private Future<RowSet<Row>> ask(SelectRequest request, Integer[] metrics, Tuple after) {
    return budget.ask(pool, BLOCKS, parameters(request, metrics, after));
  }

  private List<SeriesSamples> decode(Row row, WantedSeries wanted) {
    Buffer data = row.getBuffer(5);
    budget.read(data.length());
    byte[] bytes = data.getBytes();
    long inflated = MetricBlocks.inflated(bytes);
    budget.hold(inflated);
    try {
      return MetricBlocks.decode(row.getShort(4), bytes, wanted::has);
    } finally {
      budget.release(inflated);
    }
  }

  private void count(int more) {
    samples += more;
    if (samples > limits.samplesMax()) {
      throw new PromqlException(
          PromqlException.Kind.LIMIT,
          "query processing would load too many samples into memory in query execution");
    }
  }

  private void merge(
      SeriesSamples part,
      WantedSeries wanted,
      SelectRequest request,
      @Nullable SeriesSamples[] wholes) {
    count(part.size());
    budget.hold(part.bytes());
    int index = wanted.indexOf(part.id());
    SeriesSamples whole = wholes[index];
    if (whole == null) {
      whole = new SeriesSamples(part.id(), "", part.accumulated());
      wholes[index] = whole;
    }
    whole.merge(part, whole.accumulated() ? firstMs(request) : request.startMs(), request.endMs());
  }

  /** Only functions of ranges ask what was before. */
  private static long firstMs(SelectRequest request) {
    return request.hints().rangeMs() == 0 ? request.startMs() : request.startMs() - TOTAL_BEFORE_MS;
  }

  private static Tuple parameters(SelectRequest request, Integer[] hashes, Tuple after) {
    Instant start = Instant.ofEpochMilli(Math.max(0, firstMs(request)));
    Instant end = Instant.ofEpochMilli(Math.max(0, request.endMs()));
    Tuple parameters =
        Tuple.of(
            PgValues.instant(start.minus(SegmentScan.SPAN_MAX)),
            PgValues.instant(end),
            PgValues.instant(start));
    parameters.addValue(hashes);
    for (int i = 0; i < after.size(); i++) {
      parameters.addValue(after.getValue(i));
    }
    return parameters;
  }
}
