package dev.tocsin.storage.read.metric;

import dev.tocsin.promql.series.LabelMatcher;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.storage.ports.MetricReader;
import dev.tocsin.storage.ports.QueryLimitException;
import dev.tocsin.storage.ports.QueryLimits;
import dev.tocsin.storage.query.Budget;
import dev.tocsin.storage.schema.PgValues;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which series there are, for one query. Waits for the database on the query's thread. */
final class SeriesCatalogue {
  /** first_seen and last_seen are right within an hour, and a flush. */
  private static final Duration SEEN_LAG = Duration.ofHours(2);

  private static final int CATALOGUE_FACTOR = 4;
  private static final int ROWS_PER_CHECK = 256;
  private static final long BYTES_PER_CHARACTER = 3;

  private static final String NAMES =
      """
      select distinct name from series, jsonb_object_keys(labels) as name
      where last_seen >= $1 and first_seen <= $2 order by name limit $3\
      """;
  private static final String METRICS =
      """
      select distinct metric from series
      where last_seen >= $1 and first_seen <= $2 order by metric limit $3\
      """;
  private static final String VALUES =
      """
      select distinct labels ->> $4 as value from series
      where last_seen >= $1 and first_seen <= $2 and labels ? $4 order by value limit $3\
      """;

  /** What is said of one metric, the latest first. */
  private static final int METADATA_MAX = 100;

  private static final String METADATA =
      """
      with named as (
        select metric from metric_metadata where $1::text is null or metric = $1
        group by metric order by metric collate "C" limit $2)
      select metric, said.type, said.help, said.unit from named, lateral (
        select type, help, unit, max(last_seen) as last_seen from metric_metadata
        where metric_metadata.metric = named.metric
        group by type, help, unit order by max(last_seen) desc, type, help, unit limit %d) as said
      order by metric collate "C", said.last_seen desc, said.type, said.help, said.unit\
      """
          .formatted(METADATA_MAX);

  private final Pool pool;
  private final Budget budget;
  private final QueryLimits limits;

  SeriesCatalogue(Pool pool, Budget budget, QueryLimits limits) {
    this.pool = pool;
    this.budget = budget;
    this.limits = limits;
  }

  /**
   * Series that pass all matchers, by id.
   *
   * @throws QueryLimitException when they are too many
   */
  Map<Long, Labels> find(List<LabelMatcher> matchers, long startMs, long endMs) throws Exception {
    Tuple parameters = times(startMs, endMs);
    StringBuilder sql =
        new StringBuilder(
            "select series_id, labels::text from series"
                + " where last_seen >= $1 and first_seen <= $2");
    addEqual(matchers, sql, parameters);
    int rowsMax = limits.seriesMax() * CATALOGUE_FACTOR;
    sql.append(" limit ").append(rowsMax);
    RowSet<Row> rows = budget.select(pool, sql.toString(), parameters);
    Map<Long, Labels> found = new HashMap<>();
    int seen = 0;
    for (Row row : rows) {
      if (seen++ % ROWS_PER_CHECK == 0) {
        budget.check();
      }
      String json = row.getString(1);
      Labels labels = labels(json);
      if (matchers.stream().allMatch(matcher -> matcher.matches(labels))) {
        budget.hold(BYTES_PER_CHARACTER * json.length());
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

  /** Equality is left to the database's indexes; what they cannot do is done on the labels. */
  private static void addEqual(List<LabelMatcher> matchers, StringBuilder sql, Tuple parameters) {
    JsonObject equal = new JsonObject();
    for (LabelMatcher matcher : matchers) {
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
  }

  List<String> labelNames(long startMs, long endMs, int limit) throws Exception {
    return texts(NAMES, times(startMs, endMs).addInteger(limit));
  }

  List<String> labelValues(String label, long startMs, long endMs, int limit) throws Exception {
    Tuple parameters = times(startMs, endMs).addInteger(limit);
    return label.equals(Labels.METRIC_NAME)
        ? texts(METRICS, parameters)
        : texts(VALUES, parameters.addString(PgValues.text(label)));
  }

  /** What senders say of metrics, by name; of several things said of one, the latest first. */
  Map<String, List<MetricReader.Metadata>> metadata(Optional<String> metric, int limit)
      throws Exception {
    Map<String, List<MetricReader.Metadata>> found = new LinkedHashMap<>();
    Tuple parameters =
        Tuple.tuple().addString(metric.map(PgValues::text).orElse(null)).addInteger(limit);
    for (Row row : budget.select(pool, METADATA, parameters)) {
      found
          .computeIfAbsent(row.getString(0), name -> new ArrayList<>())
          .add(new MetricReader.Metadata(row.getString(1), row.getString(2), row.getString(3)));
    }
    return found;
  }

  private List<String> texts(String sql, Tuple parameters) throws Exception {
    List<String> texts = new ArrayList<>();
    for (Row row : budget.select(pool, sql, parameters)) {
      texts.add(row.getString(0));
    }
    return texts;
  }

  private static Tuple times(long startMs, long endMs) {
    Instant start = Instant.ofEpochMilli(Math.max(0, startMs));
    Instant end = Instant.ofEpochMilli(Math.max(0, endMs));
    return Tuple.of(PgValues.instant(start.minus(SEEN_LAG)), PgValues.instant(end.plus(SEEN_LAG)));
  }

  private static Labels labels(String json) {
    Labels.Builder labels = Labels.builder();
    new JsonObject(json).forEach(entry -> labels.put(entry.getKey(), entry.getValue().toString()));
    return labels.build();
  }
}
