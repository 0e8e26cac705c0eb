package dev.tocsin.storage.postgres;

import dev.tocsin.common.otlp.PrometheusSeries;
import dev.tocsin.common.otlp.SeriesSink;
import dev.tocsin.promql.LabelMatcher;
import dev.tocsin.promql.Labels;
import dev.tocsin.promql.PromqlException;
import dev.tocsin.promql.SelectRequest;
import dev.tocsin.promql.SeriesSet;
import dev.tocsin.promql.SeriesSource;
import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.storage.QueryLimitException;
import dev.tocsin.storage.QueryLimits;
import dev.tocsin.storage.segment.Hashes;
import dev.tocsin.storage.segment.MetricBlocks;
import dev.tocsin.storage.segment.RawMetrics;
import dev.tocsin.storage.segment.SeriesId;
import dev.tocsin.storage.segment.SeriesSamples;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Stored series for one query: the catalogue tells which series match, blocks hold their samples.
 * Waits for the database on the query's thread.
 */
final class PgSeriesSource implements SeriesSource {
  /** The catalogue's last_seen lags by up to an hour. */
  private static final Duration SEEN_LAG = Duration.ofHours(2);

  private static final int PAGE = 128;
  private static final int CATALOGUE_FACTOR = 4;

  private static final String BLOCKS =
      """
      select min_ts, part, source, id, fmt, data, raw from metric_block
      where min_ts >= $1 and min_ts <= $2 and max_ts >= $3 and metrics && $4::int[]
        and (min_ts, part, source, id) > ($5, $6, $7, $8)
      order by min_ts, part, source, id limit\s"""
          + PAGE;

  private final Pool pool;
  private final Budget budget;
  private final QueryLimits limits;

  PgSeriesSource(Pool pool, Budget budget, QueryLimits limits) {
    this.pool = pool;
    this.budget = budget;
    this.limits = limits;
  }

  @Override
  public SeriesSet select(SelectRequest request) {
    try {
      return read(request);
    } catch (QueryLimitException e) {
      boolean late = e.kind() == QueryLimitException.Kind.TIMEOUT;
      throw new PromqlException(
          late ? PromqlException.Kind.TIMEOUT : PromqlException.Kind.LIMIT,
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
    Map<Long, Labels> wanted = catalogue(request);
    if (wanted.isEmpty()) {
      return SeriesSet.empty();
    }
    Set<Integer> hashes = new HashSet<>();
    wanted.values().forEach(labels -> hashes.add(Hashes.metric(labels.metricName())));
    TreeMap<Labels, SeriesSamples> series = new TreeMap<>();
    Map<Long, SeriesSamples> byId = new HashMap<>();
    SortedMap<Labels, SortedMap<Long, Histogram>> histograms = new TreeMap<>();
    Tuple position = Tuple.of(PgValues.instant(Instant.EPOCH), 0, (short) 0, 0L);
    int rows = PAGE;
    while (rows == PAGE) {
      RowSet<Row> page = blocks(request, hashes.toArray(Integer[]::new), position);
      rows = page.size();
      for (Row row : page) {
        position =
            Tuple.of(row.getOffsetDateTime(0), row.getInteger(1), row.getShort(2), row.getLong(3));
        Buffer data = row.getBuffer(5);
        byte[] raw = row.getBuffer(6).getBytes();
        budget.read((long) data.length() + raw.length);
        collectHistograms(raw, wanted, request, histograms);
        for (SeriesSamples block : MetricBlocks.decode(row.getShort(4), data.getBytes())) {
          Labels labels = wanted.get(block.id());
          if (labels != null) {
            SeriesSamples whole =
                byId.computeIfAbsent(
                    block.id(), id -> new SeriesSamples(id, "", block.accumulated()));
            whole.merge(block, request.startMs(), request.endMs());
            series.put(labels, whole);
          }
        }
      }
    }
    return new StoredSeriesSet(series, histograms);
  }

  /** Native histograms are kept as they came, beside the samples. */
  private static void collectHistograms(
      byte[] raw,
      Map<Long, Labels> wanted,
      SelectRequest request,
      Map<Labels, SortedMap<Long, Histogram>> histograms) {
    if (raw.length == 0) {
      return;
    }
    PrometheusSeries.read(
        RawMetrics.decode(raw),
        new SeriesSink() {
          @Override
          public void sample(
              SortedMap<String, String> labels,
              Kind kind,
              long timeMs,
              long startMs,
              double value) {}

          @Override
          public void histogram(
              SortedMap<String, String> labels,
              Kind kind,
              long timeMs,
              long startMs,
              ExponentialHistogramDataPoint point) {
            Labels known = wanted.get(SeriesId.of(labels));
            Histogram histogram = NativeHistograms.of(point);
            if (known != null
                && histogram != null
                && kind == Kind.CUMULATIVE
                && timeMs >= request.startMs()
                && timeMs <= request.endMs()) {
              histograms.computeIfAbsent(known, l -> new TreeMap<>()).put(timeMs, histogram);
            }
          }
        });
  }

  private RowSet<Row> blocks(SelectRequest request, Integer[] hashes, Tuple after)
      throws Exception {
    Instant start = Instant.ofEpochMilli(Math.max(0, request.startMs()));
    Instant end = Instant.ofEpochMilli(Math.max(0, request.endMs()));
    Tuple parameters =
        Tuple.of(
            PgValues.instant(start.minus(NewestFirst.SPAN_MAX)),
            PgValues.instant(end),
            PgValues.instant(start));
    parameters.addValue(hashes);
    for (int i = 0; i < after.size(); i++) {
      parameters.addValue(after.getValue(i));
    }
    return budget.select(pool, BLOCKS, parameters);
  }

  private Map<Long, Labels> catalogue(SelectRequest request) throws Exception {
    Instant start = Instant.ofEpochMilli(Math.max(0, request.startMs()));
    Tuple parameters = Tuple.of(PgValues.instant(start.minus(SEEN_LAG)));
    StringBuilder sql =
        new StringBuilder("select series_id, labels::text from series where last_seen >= $1");
    JsonObject equal = new JsonObject();
    for (LabelMatcher matcher : request.matchers()) {
      if (matcher.op() != LabelMatcher.Op.EQ || matcher.value().isEmpty()) {
        continue;
      }
      if (matcher.name().equals(Labels.METRIC_NAME)) {
        parameters.addString(PgValues.text(matcher.value()));
        sql.append(" and metric = $").append(parameters.size());
      } else {
        equal.put(PgValues.text(matcher.name()), PgValues.text(matcher.value()));
      }
    }
    if (!equal.isEmpty()) {
      parameters.addString(equal.encode());
      sql.append(" and labels @> $").append(parameters.size()).append("::text::jsonb");
    }
    int rowsMax = limits.seriesMax() * CATALOGUE_FACTOR;
    sql.append(" limit ").append(rowsMax);
    RowSet<Row> rows = budget.select(pool, sql.toString(), parameters);
    Map<Long, Labels> found = new HashMap<>();
    for (Row row : rows) {
      Labels labels = labels(row.getString(1));
      if (request.matches(labels)) {
        found.put(row.getLong(0), labels);
      }
    }
    if (found.size() > limits.seriesMax() || rows.size() >= rowsMax) {
      throw new QueryLimitException(
          QueryLimitException.Kind.TOO_MUCH,
          "a selector matches more than "
              + limits.seriesMax()
              + " series (expected: a metric name and narrower labels)");
    }
    return found;
  }

  private static Labels labels(String json) {
    Labels.Builder labels = Labels.builder();
    new JsonObject(json).forEach(entry -> labels.put(entry.getKey(), entry.getValue().toString()));
    return labels.build();
  }
}
