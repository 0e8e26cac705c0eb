package dev.tocsin.incident.postgres;

import static dev.tocsin.incident.postgres.IncidentRows.incident;
import static dev.tocsin.incident.postgres.IncidentRows.instant;

import dev.tocsin.common.postgres.PostgresText;
import dev.tocsin.incident.domain.Transition;
import dev.tocsin.incident.ports.Message;
import dev.tocsin.incident.ports.Outbox;
import dev.tocsin.incident.ports.Outcome;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The outbox as a table, leased with {@code skip locked}. */
final class PostgresOutbox implements Outbox {
  private static final int DETAIL_BYTES_MAX = 500;

  private final Supplier<Pool> pool;

  PostgresOutbox(Supplier<Pool> pool) {
    this.pool = pool;
  }

  @Override
  public Future<List<Claim>> claim(String channel, int max, Duration lease) {
    return pool.get()
        .preparedQuery(OutboxSql.CLAIM)
        .execute(Tuple.of(channel, max, lease.toMillis()))
        .map(
            rows -> {
              List<Claim> claims = new ArrayList<>();
              rows.forEach(row -> claims.add(claim(row)));
              return claims;
            });
  }

  private static Claim claim(Row row) {
    Message message =
        new Message(
            row.getLong("notification_id"),
            incident(row),
            row.getString("target"),
            Transition.of(row.getString("transition")),
            row.getInteger("step"),
            row.getString("actor"),
            row.getString("comment"),
            instant(row, "created_at"));
    return new Claim(
        message,
        row.getLong("lease"),
        row.getInteger("attempt"),
        Duration.ofMillis(row.getLong("age_ms")),
        row.getBoolean("paged"));
  }

  @Override
  public Future<Boolean> accepted(Claim claim, String channel, String detail) {
    Message message = claim.message();
    boolean told = !channel.equals("kafka") && message.transition().page();
    return settle(
        pool.get(),
        claim,
        "accepted",
        null,
        "accepted",
        null,
        detail,
        told ? "notified" : null,
        channel);
  }

  @Override
  public Future<Boolean> retry(Claim claim, Outcome.Reason reason, String detail, Duration wait) {
    return settle(pool.get(), claim, "pending", wait, "failed", reason.text(), detail, null, "");
  }

  @Override
  public Future<Boolean> dead(Claim claim, String channel, Outcome.Reason reason, String detail) {
    return dead(pool.get(), claim, channel, reason, detail);
  }

  private static Future<Boolean> dead(
      SqlClient client, Claim claim, String channel, Outcome.Reason reason, String detail) {
    return settle(
        client,
        claim,
        "dead",
        null,
        "rejected",
        reason.text(),
        detail,
        "notification-failed",
        channel);
  }

  /**
   * Locks the incident, so that of two pages that are refused at once the later one is the last.
   */
  @Override
  public Future<Boolean> refused(
      Claim claim, String channel, Outcome.Reason reason, String detail, Duration wait) {
    long incident = claim.message().incident().id();
    Tuple page = Tuple.of(incident, claim.message().notificationId());
    return pool.get()
        .withTransaction(
            connection ->
                connection
                    .preparedQuery(IncidentSql.LOCK_BY_ID)
                    .execute(Tuple.of(incident))
                    .compose(locked -> connection.preparedQuery(OutboxSql.LAST_HOPE).execute(page))
                    .map(rows -> rows.size() == 1 && rows.iterator().next().getBoolean("last"))
                    .compose(
                        last ->
                            (last
                                    ? settle(
                                        connection,
                                        claim,
                                        "pending",
                                        wait,
                                        "rejected",
                                        reason.text(),
                                        detail,
                                        null,
                                        "")
                                    : dead(connection, claim, channel, reason, detail))
                                .map(last)));
  }

  private static Future<Boolean> settle(
      SqlClient client,
      Claim claim,
      String state,
      @Nullable Duration wait,
      String outcome,
      @Nullable String reason,
      String detail,
      @Nullable String noteKind,
      String channel) {
    Message message = claim.message();
    String target = message.target().isEmpty() ? channel : channel + " " + message.target();
    String note = reason == null ? target : target + ": " + reason + ": " + cut(detail);
    Tuple parameters =
        Tuple.tuple()
            .addLong(message.notificationId())
            .addLong(claim.lease())
            .addInteger(claim.attempt())
            .addString(state)
            .addLong(wait == null ? null : wait.toMillis())
            .addString(reason)
            .addString(outcome)
            .addString(cut(detail))
            .addString(noteKind)
            .addString(channel)
            .addString(note);
    return client.preparedQuery(OutboxSql.SETTLE).execute(parameters).map(rows -> rows.size() == 1);
  }

  @Override
  public Future<Boolean> superseded(Claim claim, String detail) {
    return untried(claim, "superseded", null, detail);
  }

  @Override
  public Future<Boolean> deferred(Claim claim, Outcome.Reason reason, Duration wait) {
    return untried(claim, "pending", wait, reason.text());
  }

  private Future<Boolean> untried(
      Claim claim, String state, @Nullable Duration wait, String reason) {
    Tuple parameters =
        Tuple.tuple()
            .addLong(claim.message().notificationId())
            .addLong(claim.lease())
            .addInteger(claim.attempt())
            .addString(state)
            .addLong(wait == null ? null : wait.toMillis())
            .addString(reason);
    return pool.get()
        .preparedQuery(OutboxSql.UNTRIED)
        .execute(parameters)
        .map(rows -> rows.size() == 1);
  }

  @Override
  public Future<Backlog> backlog(String channel) {
    return pool.get()
        .preparedQuery(OutboxSql.BROUGHT_FORWARD)
        .execute(Tuple.of(channel))
        .compose(forward -> pool.get().preparedQuery(OutboxSql.BACKLOG).execute(Tuple.of(channel)))
        .map(
            rows -> {
              Row row = rows.iterator().next();
              Optional<Duration> wait =
                  Optional.ofNullable(row.getLong("wait_ms")).map(Duration::ofMillis);
              return new Backlog(
                  row.getInteger("open"),
                  wait,
                  Duration.ofMillis(row.getLong("oldest_ms")),
                  row.getString("reason"));
            });
  }

  private static String cut(String detail) {
    return PostgresText.clean(detail, DETAIL_BYTES_MAX);
  }
}
