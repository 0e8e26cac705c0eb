package dev.tocsin.incident.postgres;

/** Statements that watch over the sources of alerts; all on the schema's search path. */
final class AlarmSql {
  private AlarmSql() {}

  /** One instance at a time ends and raises alarms; the others leave it to that one. */
  static final String TURN = "select pg_try_advisory_xact_lock(hashtext('tocsin/alarms')) as mine";

  /**
   * Incidents whose statement should have been repeated by the time its partition was last read to
   * its end, while it was listened long enough. Who takes them in right now has something newer to
   * say of them. Times that lie ahead are of a clock that was set back: what was stated by it holds
   * as long as it was to since it is listened by the present one.
   */
  static final String QUIET =
      """
      with clock as materialized (
        select current_instant() + interval '10 seconds' as ahead)
      select i.*, coalesce(h.source, '') as beat_source, h.at as beat_at, life.heard_at, k.read_at,
        k.listening_since, life.held_until
      from clock
      cross join incident i
      join kafka_offset k on k.topic = $1 and k.part = i.part
      left join heartbeat h on h.part = i.part and h.rule_group = i.rule_group
      cross join lateral (
        select case when h.heard_at <= clock.ahead then h.heard_at end as heard_at,
          case when i.held_at > clock.ahead then k.listening_since + (i.holds_until - i.held_at)
            else i.holds_until end as held_until,
          k.read_at - $2::bigint * interval '1 millisecond' as quiet) as life
      where i.status <> 'resolved' and i.silent_since is null
        and k.read_at <= clock.ahead
        and k.listening_since <= life.quiet
        and life.held_until < life.quiet
        and (life.heard_at is null or life.heard_at < life.quiet)
      order by i.id limit 200
      for no key update of i skip locked""";

  /** Rule groups with unresolved incidents that are marked as silent. */
  static final String SILENT_GROUPS =
      """
      select i.rule_group, coalesce(max(h.source), '') as source,
        coalesce(max(h.at), min(i.silent_since)) as since
      from incident i
      left join heartbeat h on h.part = i.part and h.rule_group = i.rule_group
      where i.status <> 'resolved' and i.silent_since is not null and i.rule_group is not null
      group by i.rule_group order by i.rule_group""";

  /**
   * Triggered incidents without a step to come whose last one was taken by no channel, nor may be:
   * each page is dead or was refused for good the last time. With what was answered.
   */
  static final String UNREACHED =
      """
      select i.*, pages.answers, pages.since
      from incident i
      cross join lateral (
        select bool_or(
            case when n.state in ('pending', 'leased')
              then coalesce(n.reason not in ('rejected', 'unauthorized', 'refused_address'), true)
              else n.state = 'accepted' and n.step = i.steps_taken end) as hope,
          max(n.created_at) as since,
          string_agg(concat_ws(' ', n.channel, nullif(n.target, '')) || ': '
              || concat_ws(': ', n.reason, last.detail), '; ' order by n.id)
            filter (where n.state <> 'accepted') as answers
        from notification n
        left join lateral (
          select a.detail from attempt a where a.notification_id = n.id and a.outcome is not null
          order by a.number desc limit 1) as last on true
        where n.incident_id = i.id and n.channel <> 'kafka'
          and n.transition in ('triggered', 'escalated')) as pages
      where i.status = 'triggered' and i.steps_taken >= jsonb_array_length(i.policy -> 'steps')
        and i.id in (
          select incident_id from notification
          where state in ('pending', 'leased', 'dead')
            and reason in ('rejected', 'unauthorized', 'refused_address', 'expired'))
        and not pages.hope
      order by i.id limit 50""";

  /** Unresolved incidents about ourselves. */
  static final String OPEN =
      """
      select * from incident
      where status <> 'resolved' and starts_with(fingerprint, $1)
      order by id limit 1000""";
}
