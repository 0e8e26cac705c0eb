package dev.tocsin.incident.postgres;

import static dev.tocsin.incident.postgres.IncidentRows.instant;
import static dev.tocsin.incident.postgres.IncidentRows.instantOrNull;

import dev.tocsin.incident.domain.Incident;
import dev.tocsin.incident.domain.Status;
import dev.tocsin.incident.ports.IncidentReader;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/** Reads incidents from the tables. */
final class PostgresIncidentReader implements IncidentReader {
  private final Supplier<Pool> pool;

  PostgresIncidentReader(Supplier<Pool> pool) {
    this.pool = pool;
  }

  @Override
  public Future<List<Incident>> list(Set<Status> statuses, long before, int limit) {
    String[] texts = statuses.stream().map(Status::text).toArray(String[]::new);
    return pool.get()
        .preparedQuery(IncidentSql.LIST)
        .execute(Tuple.of(texts, before, limit))
        .map(rows -> all(rows, IncidentRows::incident));
  }

  @Override
  public Future<Optional<Detail>> detail(long id) {
    return pool.get()
        .withConnection(
            connection ->
                connection
                    .preparedQuery(IncidentSql.GET)
                    .execute(Tuple.of(id))
                    .compose(
                        rows ->
                            rows.size() == 0
                                ? Future.succeededFuture(Optional.empty())
                                : around(connection, IncidentRows.incident(rows.iterator().next()))
                                    .map(Optional::of)));
  }

  private static Future<Detail> around(SqlConnection connection, Incident incident) {
    Tuple id = Tuple.of(incident.id());
    return connection
        .preparedQuery(IncidentSql.TIMELINE)
        .execute(id)
        .map(rows -> all(rows, PostgresIncidentReader::entry))
        .compose(
            timeline ->
                connection
                    .preparedQuery(IncidentSql.ATTEMPTS)
                    .execute(id)
                    .map(PostgresIncidentReader::attempts)
                    .compose(
                        attempts ->
                            connection
                                .preparedQuery(IncidentSql.NOTIFICATIONS)
                                .execute(id)
                                .map(rows -> all(rows, row -> notification(row, attempts)))
                                .map(sent -> new Detail(incident, timeline, sent))));
  }

  private static TimelineEntry entry(Row row) {
    return new TimelineEntry(
        instant(row, "at"), row.getString("kind"), row.getString("actor"), row.getString("text"));
  }

  private static Map<Long, List<Attempt>> attempts(RowSet<Row> rows) {
    Map<Long, List<Attempt>> attempts = new HashMap<>();
    for (Row row : rows) {
      attempts
          .computeIfAbsent(row.getLong("notification_id"), id -> new ArrayList<>())
          .add(
              new Attempt(
                  row.getInteger("number"),
                  instant(row, "started_at"),
                  instantOrNull(row, "finished_at"),
                  row.getString("outcome"),
                  row.getString("reason"),
                  row.getString("detail")));
    }
    return attempts;
  }

  private static Notification notification(Row row, Map<Long, List<Attempt>> attempts) {
    long id = row.getLong("id");
    return new Notification(
        id,
        row.getString("channel"),
        row.getString("target"),
        row.getString("transition"),
        row.getInteger("step"),
        row.getString("state"),
        row.getString("reason"),
        instant(row, "created_at"),
        instantOrNull(row, "finished_at"),
        attempts.getOrDefault(id, List.of()));
  }

  private static <T> List<T> all(RowSet<Row> rows, Function<Row, T> mapper) {
    List<T> found = new ArrayList<>();
    rows.forEach(row -> found.add(mapper.apply(row)));
    return found;
  }
}
