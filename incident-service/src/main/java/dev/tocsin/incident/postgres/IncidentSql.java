package dev.tocsin.incident.postgres;

/** Statements that change incidents; all on the schema's search path. */
final class IncidentSql {
  /** Wakes the timers and dispatchers of every instance when the transaction commits. */
  static final String WAKE_CHANNEL = "tocsin_incident";

  private IncidentSql() {}

  static final String OFFSET_ENTER =
      """
      insert into kafka_offset(topic, part, next_offset) values ($1, $2, $3)
      on conflict (topic, part) do update set next_offset = kafka_offset.next_offset
      returning next_offset""";

  static final String OFFSET_MOVE =
      """
      update kafka_offset set next_offset = $4
      where topic = $1 and part = $2 and next_offset = $3""";

  /** {@code fresh} tells whether the id was new; a repetition only renews its memory. */
  static final String EVENT_SEEN =
      """
      insert into alert_event(event_id, seen_at) values ($1, current_instant())
      on conflict (event_id) do update set seen_at = excluded.seen_at
      returning (xmax = 0) as fresh, current_instant() as now""";

  static final String LOCK_OPEN_BY_FINGERPRINT =
      """
      select * from incident where fingerprint = $1 and status <> 'resolved'
      for no key update""";

  static final String LOCK_BY_ID =
      """
      select *, current_instant() as now from incident where id = $1
      for no key update""";

  static final String INSERT =
      """
      insert into incident(key, fingerprint, title, severity, status, steps_taken, generation,
        policy, alert, opened_at, acknowledged_at, acknowledged_by, resolved_at, resolved_by)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
      returning id""";

  static final String UPDATE =
      """
      update incident set status = $2, steps_taken = $3, generation = $4, alert = $5,
        acknowledged_at = $6, acknowledged_by = $7, resolved_at = $8, resolved_by = $9
      where id = $1""";

  static final String NOTE =
      """
      insert into timeline(incident_id, at, kind, actor, text)
      values ($1, current_instant(), $2, $3, $4)""";

  static final String ARM_TIMER =
      "insert into timer(incident_id, generation, kind, due_at) values ($1, $2, 'escalate', $3)";

  static final String NOTIFY =
      """
      insert into notification(incident_id, channel, target, transition, step, actor, comment,
        state, due_at, created_at)
      values ($1, $2, $3, $4, $5, $6, $7, 'pending', current_instant(), current_instant())""";

  /** To every target of the channel that was paged about the incident. */
  static final String NOTIFY_PAGED =
      """
      insert into notification(incident_id, channel, target, transition, step, actor, comment,
        state, due_at, created_at)
      select $1, $2, target, $3, 0, $4, $5, 'pending', current_instant(), current_instant()
      from (select distinct target from notification
            where incident_id = $1 and channel = $2 and transition in ('triggered', 'escalated'))
        as paged""";

  /** What nobody needs to be told after this transition; rows being sent are left alone. */
  static final String SUPERSEDE_WAITING =
      """
      update notification set state = 'superseded', reason = $2, finished_at = current_instant()
      where incident_id = $1 and state = 'pending' and channel <> 'kafka'
        and transition <> 'resolved' and (transition <> 'acknowledged' or $3::boolean)""";

  static final String WAKE = "select pg_notify('" + WAKE_CHANNEL + "', '')";

  static final String TIMER_CLAIM =
      """
      select id, incident_id, generation, due_at, current_instant() as now from timer
      where due_at <= current_instant()
      order by due_at limit 1 for update skip locked""";

  static final String TIMER_DELETE = "delete from timer where id = $1";

  static final String TIMER_NEXT =
      """
      select ceil(extract(epoch from min(due_at) - current_instant()) * 1000)::bigint as wait_ms
      from timer""";

  static final String NOW = "select current_instant() as now";

  static final String FORGET_EVENTS =
      """
      delete from alert_event where event_id in (
        select event_id from alert_event
        where seen_at < current_instant() - $1::bigint * interval '1 second' limit 5000)""";

  static final String FORGET_INCIDENTS =
      """
      delete from incident where id in (
        select id from incident where status = 'resolved'
          and resolved_at < current_instant() - $1::bigint * interval '1 second' limit 500)""";

  static final String LIST =
      """
      select * from incident where status = any($1) and id < $2
      order by id desc limit $3""";

  static final String GET = "select * from incident where id = $1";

  static final String TIMELINE =
      "select at, kind, actor, text from timeline where incident_id = $1 order by id limit 1000";

  static final String NOTIFICATIONS =
      """
      select * from notification where incident_id = $1 and channel <> 'kafka'
      order by id limit 1000""";

  /** The newest hundred of each notification, oldest first. */
  static final String ATTEMPTS =
      """
      select a.* from notification n
      join attempt a on a.notification_id = n.id and a.number > n.attempt - 100
      where n.incident_id = $1 and n.channel <> 'kafka' order by a.notification_id, a.number""";
}
