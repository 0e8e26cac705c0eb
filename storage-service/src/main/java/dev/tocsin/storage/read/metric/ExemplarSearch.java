package dev.tocsin.storage.read.metric;

import dev.tocsin.otlp.json.OtlpJson;
import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import dev.tocsin.otlp.prometheus.PrometheusNames;
import dev.tocsin.otlp.prometheus.PrometheusSeries;
import dev.tocsin.otlp.wire.AttributeText;
import dev.tocsin.promql.PromqlParser;
import dev.tocsin.promql.SelectorAnalysis;
import dev.tocsin.promql.series.LabelMatcher;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.segment.index.Hashes;
import dev.tocsin.segment.metric.RawMetrics;
import dev.tocsin.storage.ports.MetricReader.Exemplar;
import dev.tocsin.storage.ports.MetricReader.ExemplarSeries;
import dev.tocsin.storage.ports.TimeRange;
import dev.tocsin.storage.query.Budget;
import dev.tocsin.storage.read.scan.SegmentScan;
import dev.tocsin.storage.schema.PgValues;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Exemplars of the series that the selectors of a query match, the newest first until there are
 * enough. Waits for the database on the query's thread.
 */
final class ExemplarSearch {
  /** An exemplar is reported with the point after it. */
  private static final Duration REPORTED_WITHIN = Duration.ofMinutes(5);

  /** Labels of an exemplar beyond its ids; what would pass it is left out. */
  private static final int ATTRIBUTE_CHARS_MAX = 1_024;

  private static final int PAGE = 16;

  private static final String BLOCKS =
      """
      select min_ts, part, source, id, raw from metric_block
      where min_ts >= $1 and min_ts <= $2 and max_ts >= $3 and metrics && $4::int[]
        and octet_length(raw) > 0 and (min_ts, part, source, id) < ($5, $6, $7, $8)
      order by min_ts desc, part desc, source desc, id desc limit %d
      """
          .formatted(PAGE);

  private final Pool pool;
  private final Budget budget;
  private final SeriesCatalogue catalogue;
  private final IdentifyingAttributes identifying;
  private final int limit;

  /** Newest first, each once. */
  private final TreeSet<Found> found = new TreeSet<>(Found.ORDER);

  /** An exemplar of a series. */
  private record Found(Labels series, Exemplar exemplar) {
    static final Comparator<Found> ORDER =
        Comparator.comparingLong((Found f) -> f.exemplar.timestampMs())
            .reversed()
            .thenComparing(Found::series)
            .thenComparing(f -> f.exemplar.labels())
            .thenComparingDouble(f -> f.exemplar.value());
  }

  /**
   * @param limit most exemplars; of more, the newest are kept
   */
  ExemplarSearch(
      Pool pool,
      Budget budget,
      SeriesCatalogue catalogue,
      IdentifyingAttributes identifying,
      int limit) {
    this.pool = pool;
    this.budget = budget;
    this.catalogue = catalogue;
    this.identifying = identifying;
    this.limit = limit;
  }

  List<ExemplarSeries> find(String query, TimeRange range) throws Exception {
    long startMs = range.start().toEpochMilli();
    long endMs = range.end().toEpochMilli();
    Map<Long, Labels> wanted = new HashMap<>();
    Set<List<LabelMatcher>> selectors = new HashSet<>();
    for (SelectorAnalysis.Selector each :
        SelectorAnalysis.of(PromqlParser.parse(query)).selectors()) {
      if (selectors.add(each.matchers())) {
        wanted.putAll(catalogue.find(each.matchers(), startMs, endMs));
      }
    }
    if (!wanted.isEmpty()) {
      read(wanted, startMs, endMs);
    }
    return bySeries();
  }

  private List<ExemplarSeries> bySeries() {
    TreeMap<Labels, List<Exemplar>> series = new TreeMap<>();
    for (Found each : found.descendingSet()) {
      series.computeIfAbsent(each.series, labels -> new ArrayList<>()).add(each.exemplar);
    }
    return series.entrySet().stream()
        .map(entry -> new ExemplarSeries(entry.getKey(), entry.getValue()))
        .toList();
  }

  private void read(Map<Long, Labels> wanted, long startMs, long endMs) throws Exception {
    Integer[] metrics =
        wanted.values().stream()
            .map(labels -> Hashes.metric(labels.metricName()))
            .distinct()
            .toArray(Integer[]::new);
    Instant start = Instant.ofEpochMilli(startMs);
    Instant end = Instant.ofEpochMilli(endMs).plus(REPORTED_WITHIN);
    Tuple position =
        Tuple.of(PgValues.instant(end.plusSeconds(1)), Integer.MAX_VALUE, Short.MAX_VALUE, 0L);
    int size = PAGE;
    while (size == PAGE) {
      Tuple parameters =
          Tuple.of(
              PgValues.instant(start.minus(SegmentScan.SPAN_MAX)),
              PgValues.instant(end),
              PgValues.instant(start));
      parameters.addValue(metrics);
      for (int i = 0; i < position.size(); i++) {
        parameters.addValue(position.getValue(i));
      }
      size = 0;
      for (Row row : budget.select(pool, BLOCKS, parameters)) {
        size++;
        collect(row, wanted, startMs, endMs);
        position =
            Tuple.of(row.getOffsetDateTime(0), row.getInteger(1), row.getShort(2), row.getLong(3));
      }
      // Older blocks hold older exemplars, but for those that came late.
      if (found.size() >= limit) {
        return;
      }
    }
  }

  private void collect(Row row, Map<Long, Labels> wanted, long startMs, long endMs) {
    Buffer raw = row.getBuffer(4);
    budget.read(raw.length());
    byte[] bytes = raw.getBytes();
    long inflated = RawMetrics.inflated(bytes);
    budget.hold(inflated);
    try {
      RawMetrics.exemplars(
          bytes,
          identifying,
          wanted::containsKey,
          (exemplar, id) -> {
            Labels series = wanted.get(id);
            long timeMs = exemplar.getTimeUnixNano() / 1_000_000;
            if (series != null && timeMs >= startMs && timeMs <= endMs) {
              add(
                  new Found(
                      series,
                      new Exemplar(labels(exemplar), PrometheusSeries.value(exemplar), timeMs)));
            }
          });
    } finally {
      budget.release(inflated);
    }
  }

  private void add(Found one) {
    if (found.add(one) && found.size() > limit) {
      found.pollLast();
    }
  }

  private static Labels labels(io.opentelemetry.proto.metrics.v1.Exemplar exemplar) {
    Labels.Builder labels = Labels.builder();
    int characters = 0;
    for (KeyValue attribute : exemplar.getFilteredAttributesList()) {
      String value = AttributeText.of(attribute.getValue());
      characters += attribute.getKey().length() + value.length();
      if (characters <= ATTRIBUTE_CHARS_MAX && !attribute.getKey().isEmpty()) {
        labels.put(PrometheusNames.label(attribute.getKey()), value);
      }
    }
    return labels
        .put("trace_id", OtlpJson.hex(exemplar.getTraceId()))
        .put("span_id", OtlpJson.hex(exemplar.getSpanId()))
        .build();
  }
}
