package dev.tocsin.incident.postgres;

import static dev.tocsin.incident.postgres.IncidentRows.incident;
import static dev.tocsin.incident.postgres.IncidentRows.instant;
import static dev.tocsin.incident.postgres.IncidentRows.instantOrNull;
import static dev.tocsin.incident.postgres.IncidentRows.time;
import static dev.tocsin.incident.postgres.IncidentWriter.only;
import static dev.tocsin.incident.postgres.IncidentWriter.run;

import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.AlertHeartbeat;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.Resume;
import dev.tocsin.common.postgres.PostgresFailures;
import dev.tocsin.common.postgres.PostgresText;
import dev.tocsin.incident.domain.Escalation;
import dev.tocsin.incident.domain.Incident;
import dev.tocsin.incident.domain.SelfAlarm;
import dev.tocsin.incident.domain.SourceLife;
import dev.tocsin.incident.domain.Statement;
import dev.tocsin.incident.ports.AlertIntake;
import dev.tocsin.incident.ports.IncidentStore.Change;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/** Records of the alerts topic, one transaction an alert and one a run of heartbeats. */
final class PostgresAlertIntake implements AlertIntake {
  private static final String TOPIC = Topic.ALERTS.name();
  private static final int SOURCE_BYTES_MAX = 200;

  private final Supplier<Pool> pool;
  private final IncidentWriter writer;

  PostgresAlertIntake(Supplier<Pool> pool, IncidentWriter writer) {
    this.pool = pool;
    this.writer = writer;
  }

  @Override
  public Future<Kept> kept(int partition) {
    return pool.get()
        .preparedQuery(IntakeSql.OFFSET)
        .execute(Tuple.of(TOPIC, partition))
        .map(
            rows -> {
              Row row = rows.size() == 0 ? null : only(rows);
              Instant movedAt = row == null ? null : instantOrNull(row, "moved_at");
              return new Kept(point(row), movedAt == null ? Instant.EPOCH : movedAt);
            });
  }

  private static Resume.Point point(@Nullable Row row) {
    if (row == null) {
      return Resume.Point.NONE;
    }
    UUID topicId = row.getUUID("topic_id");
    return new Resume.Point(
        row.getLong("next_offset"),
        topicId == null
            ? Uuid.ZERO_UUID
            : new Uuid(topicId.getMostSignificantBits(), topicId.getLeastSignificantBits()),
        row.getInteger("epoch"));
  }

  @Override
  public Future<List<Change>> resume(int partition, Resume.Point kept, Resume resume) {
    return pool.get()
        .withTransaction(
            connection ->
                connection
                    .preparedQuery(IntakeSql.OFFSET_LOCK)
                    .execute(Tuple.of(TOPIC, partition))
                    .compose(
                        rows -> {
                          Row row = rows.size() == 0 ? null : only(rows);
                          if (!point(row).equals(kept)) {
                            long next = resume.point().offset();
                            return Future.failedFuture(
                                new FencedException(new Position(partition, kept.offset(), next)));
                          }
                          boolean unheard = row != null && row.getBoolean("unheard");
                          return resume(connection, partition, resume, unheard);
                        }));
  }

  private Future<List<Change>> resume(
      SqlConnection connection, int partition, Resume resume, boolean unheard) {
    Resume.Point point = resume.point();
    Uuid id = point.topicId();
    boolean known = !id.equals(Uuid.ZERO_UUID);
    UUID topicId =
        known ? new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits()) : null;
    Tuple put = Tuple.of(TOPIC, partition, point.offset(), topicId, point.epoch());
    Future<Void> chain = run(connection, IntakeSql.OFFSET_PUT, put);
    if (unheard || !resume.gaps().isEmpty()) {
      chain =
          chain
              .compose(v -> run(connection, IntakeSql.STATEMENTS_UNKNOWN, Tuple.of(partition)))
              .compose(v -> run(connection, IntakeSql.HEARTBEATS_UNKNOWN, Tuple.of(partition)));
    }
    List<Change> changes = new ArrayList<>();
    for (Resume.Gap gap : resume.gaps()) {
      chain =
          chain
              .compose(v -> missing(connection, partition, point.epoch(), gap))
              .onSuccess(changes::add)
              .mapEmpty();
    }
    return chain.map(v -> changes);
  }

  private Future<Change> missing(
      SqlConnection connection, int partition, int epoch, Resume.Gap gap) {
    Long to = gap.to().isPresent() ? gap.to().getAsLong() : null;
    String reason = gap.reason().name().toLowerCase(Locale.ROOT);
    String what =
        "%s-%d from offset %d %s (%s)"
            .formatted(TOPIC, partition, gap.from(), to == null ? "on" : "to " + to, reason);
    String id = partition + "/" + epoch + "/" + gap.from() + "/" + reason;
    return connection
        .preparedQuery(IntakeSql.GAP)
        .execute(Tuple.of(TOPIC, partition, gap.from(), to, reason))
        .compose(v -> connection.query(IncidentSql.NOW).execute())
        .compose(
            rows ->
                writer.raise(
                    connection, SelfAlarm.alertsMissing(what, id, instant(only(rows), "now"))));
  }

  @Override
  public Future<Change> alert(Position position, AlertEvent event) {
    AlertEvent storable = StorableAlert.of(event);
    // Another partition may have opened the incident in this moment: then it is there now.
    return takeIn(position, storable)
        .recover(
            failure ->
                PostgresFailures.alreadyThere(failure)
                    ? takeIn(position, storable)
                    : Future.failedFuture(failure));
  }

  private Future<Change> takeIn(Position position, AlertEvent event) {
    return pool.get()
        .withTransaction(
            connection ->
                move(connection, position).compose(v -> takeIn(connection, position, event)));
  }

  private Future<Change> takeIn(SqlConnection connection, Position position, AlertEvent event) {
    boolean firing = event.status() == AlertEvent.Status.FIRING;
    OffsetDateTime endsAt = firing ? time(Statement.endOf(event)) : null;
    return connection
        .preparedQuery(IntakeSql.EVENT_SEEN)
        .execute(Tuple.tuple().addString(event.eventId()).addValue(endsAt))
        .compose(
            rows -> {
              Row seen = only(rows);
              boolean fresh = seen.getBoolean("fresh");
              Instant now = instant(seen, "now");
              Statement statement = Statement.of(event, position.partition(), now);
              return IncidentWriter.lockOpen(connection, event.fingerprint())
                  .compose(
                      open ->
                          writer.write(
                              connection,
                              open,
                              fresh
                                  ? Escalation.alert(open, event, statement, writer.policy(), now)
                                  : Escalation.repeated(open, event, statement)));
            });
  }

  @Override
  public Future<List<Change>> heartbeats(
      Position position, List<AlertHeartbeat> beats, int partitions) {
    Map<String, AlertHeartbeat> last = new LinkedHashMap<>();
    beats.forEach(beat -> last.put(StorableAlert.group(beat.ruleGroup()), beat));
    String[] groups = last.keySet().toArray(String[]::new);
    Tuple heard =
        Tuple.of(
            position.partition(),
            groups,
            last.values().stream()
                .map(beat -> PostgresText.clean(beat.source(), SOURCE_BYTES_MAX))
                .toArray(String[]::new),
            last.values().stream().map(beat -> time(beat.at())).toArray(OffsetDateTime[]::new));
    Tuple wanted = Tuple.of(position.partition(), groups, partitions, SourceLife.SLACK.toMillis());
    return pool.get()
        .withTransaction(
            connection ->
                move(connection, position)
                    .compose(v -> run(connection, IntakeSql.HEARTBEATS, heard))
                    .compose(v -> connection.preparedQuery(IntakeSql.HEARD_OPEN).execute(wanted))
                    .compose(
                        rows -> {
                          Future<Void> chain = Future.succeededFuture();
                          List<Change> changes = new ArrayList<>();
                          for (Row row : rows) {
                            chain =
                                chain
                                    .compose(v -> heard(connection, row, position.partition()))
                                    .onSuccess(changes::add)
                                    .mapEmpty();
                          }
                          return chain.map(v -> changes);
                        }));
  }

  private Future<Change> heard(SqlConnection connection, Row row, int partition) {
    Incident incident = incident(row);
    Integer part = row.getInteger("part");
    SourceLife.Sign sign =
        new SourceLife.Sign(
            row.getString("sign_source"),
            instant(row, "sign_at"),
            part != null && part == partition,
            instantOrNull(row, "everywhere"));
    return writer.write(
        connection, incident, SourceLife.heard(incident, sign, instant(row, "now")));
  }

  @Override
  public Future<Void> skip(Position position) {
    return pool.get().withConnection(connection -> move(connection, position));
  }

  @Override
  public Future<Void> readToEnd(int partition, long next) {
    return pool.get()
        .preparedQuery(IntakeSql.READ_TO_END)
        .execute(Tuple.of(TOPIC, partition, next))
        .mapEmpty();
  }

  private static Future<Void> move(SqlConnection connection, Position position) {
    return connection
        .preparedQuery(IntakeSql.OFFSET_MOVE)
        .execute(Tuple.of(TOPIC, position.partition(), position.expected(), position.next()))
        .compose(
            rows ->
                rows.rowCount() == 1
                    ? Future.succeededFuture()
                    : Future.failedFuture(new FencedException(position)));
  }
}
