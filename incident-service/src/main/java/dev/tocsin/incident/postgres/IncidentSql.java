package dev.tocsin.incident.postgres;

/** Statements that change incidents; all on the schema's search path. */
final class IncidentSql {
  /** Wakes the timers and dispatchers of every instance when the transaction commits. */
  static final String WAKE_CHANNEL = "tocsin_incident";

  private IncidentSql() {}

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
        policy, alert, opened_at, acknowledged_at, acknowledged_by, resolved_at, resolved_by,
        rule_group, part, statement_id, stated_at, ends_at, holds_until, held_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
        $19, $20, case when $20::timestamptz is not null then current_instant() end)
      returning id""";

  /** All but what is known of the alert's source. */
  static final String UPDATE =
      """
      update incident set status = $2, steps_taken = $3, generation = $4, alert = $5,
        acknowledged_at = $6, acknowledged_by = $7, resolved_at = $8, resolved_by = $9
      where id = $1""";

  /** Small, as each firing alert is stated again every minute. */
  static final String RESTATE =
      """
      update incident set rule_group = $2, part = $3, statement_id = $4, stated_at = $5,
        ends_at = $6, holds_until = $7, held_at = current_instant(), silent_since = null
      where id = $1""";

  static final String MARK_SILENT = "update incident set silent_since = $2 where id = $1";

  static final String MARK_HEARD = "update incident set silent_since = null where id = $1";

  /** At most so many of a kind: what goes to and fro for weeks would hide all else. */
  static final String NOTE =
      """
      insert into timeline(incident_id, at, kind, actor, text)
      select $1::bigint, current_instant(), $2::text, $3::text, $4::text
      where 100 > (
        select count(*) from timeline where incident_id = $1::bigint and kind = $2::text)""";

  static final String ARM_TIMER =
      """
      insert into timer(incident_id, generation, kind, due_at, set_at)
      values ($1, $2, 'escalate', $3, current_instant())""";

  static final String NOTIFY =
      """
      insert into notification(incident_id, channel, target, transition, step, actor, comment,
        state, due_at, set_at, created_at)
      values ($1, $2, $3, $4, $5, $6, $7, 'pending', current_instant(), current_instant(),
        current_instant())""";

  /** To every target of the channel that was paged about the incident. */
  static final String NOTIFY_PAGED =
      """
      insert into notification(incident_id, channel, target, transition, step, actor, comment,
        state, due_at, set_at, created_at)
      select $1, $2, target, $3, 0, $4, $5, 'pending', current_instant(), current_instant(),
        current_instant()
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

  /**
   * Timers that were armed ahead of now: the clock was set back. They wait as long as they were to,
   * from now on. Clocks of a server that is taken over by another differ by seconds.
   */
  static final String TIMERS_BROUGHT_FORWARD =
      """
      update timer set due_at = current_instant() + (due_at - set_at), set_at = current_instant()
      where id in (
        select id from timer where set_at > current_instant() + interval '10 seconds'
        for update skip locked)""";

  static final String TIMER_DELETE = "delete from timer where id = $1";

  /**
   * How long until a timer can be fired. One that is due and locked is being fired by somebody, who
   * may fail: it is looked at again after a second, and keeps nobody awake until then.
   */
  static final String TIMER_NEXT =
      """
      with clock as materialized (select current_instant() as now),
      free as (
        select id from timer where due_at <= (select now from clock)
        limit 1 for update skip locked)
      select case when exists (select from free) then 0
        else ceil(extract(epoch from least(
            (select min(due_at) from timer where due_at > (select now from clock)),
            (select now + interval '1 second' from clock
              where exists (select from timer where due_at <= (select now from clock))))
          - (select now from clock)) * 1000)::bigint end as wait_ms""";

  static final String NOW = "select current_instant() as now";

  static final String FORGET_EVENTS =
      """
      delete from alert_event where event_id in (
        select event_id from alert_event
        where seen_at < current_instant() - $1::bigint * interval '1 second' limit 5000)""";

  static final String FORGET_HEARTBEATS =
      """
      delete from heartbeat
      where heard_at < current_instant() - $1::bigint * interval '1 second'""";

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
