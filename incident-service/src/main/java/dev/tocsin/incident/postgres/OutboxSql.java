package dev.tocsin.incident.postgres;

/** Statements of the outbox; all on the schema's search path. */
final class OutboxSql {
  private OutboxSql() {}

  /**
   * Leases due rows, the oldest first, but none with an older open row to the same target of the
   * same incident, and none behind a row that the destination's rate holds back: what is held back
   * keeps its place. Notes the attempts. A lost attempt of an expired lease keeps its row without
   * outcome.
   */
  static final String CLAIM =
      """
      with held as (
        select coalesce(min(id), 9223372036854775807) as first from notification
        where channel = $1 and state = 'pending' and reason in ('throttled', 'rate_limited')
          and due_at > current_instant()),
      due as (
        select n.id from notification n
        where n.channel = $1 and n.state in ('pending', 'leased') and n.due_at <= current_instant()
          and n.id < (select first from held)
          and not exists (
            select 1 from notification e
            where e.incident_id = n.incident_id and e.channel = n.channel and e.target = n.target
              and e.id < n.id and e.state in ('pending', 'leased'))
        order by n.id limit $2
        for update of n skip locked),
      claimed as (
        update notification n
        set state = 'leased', due_at = current_instant() + $3::bigint * interval '1 millisecond',
          set_at = current_instant(),
          lease = lease + 1, attempt = attempt + 1
        from due where n.id = due.id
        returning n.*),
      tried as (
        insert into attempt(notification_id, number, started_at)
        select id, attempt, current_instant() from claimed)
      select c.id as notification_id, c.channel, c.target, c.transition, c.step, c.actor, c.comment,
        c.created_at, c.lease, c.attempt,
        (extract(epoch from current_instant() - c.created_at) * 1000)::bigint as age_ms,
        exists (
          select 1 from notification p
          where p.incident_id = c.incident_id and p.channel = c.channel and p.target = c.target
            and p.id < c.id and p.transition in ('triggered', 'escalated')
            and p.attempt > 0 and p.state <> 'dead') as paged,
        i.*
      from claimed c join incident i on i.id = c.incident_id
      order by c.id""";

  /**
   * Ends a lease. The attempt keeps its outcome even when the lease was lost meanwhile; row and
   * timeline change only while it is held. Returns one row when it was.
   */
  static final String SETTLE =
      """
      with n as (
        update notification
        set state = $4, reason = $6, set_at = current_instant(),
          due_at = case when $5::bigint is null then due_at
            else current_instant() + $5::bigint * interval '1 millisecond' end,
          finished_at = case when $4::text = 'pending' then null else current_instant() end
        where id = $1 and lease = $2 and state = 'leased'
        returning incident_id),
      a as (
        update attempt
        set finished_at = current_instant(), outcome = $7, reason = $6, detail = $8
        where notification_id = $1 and number = $3),
      t as (
        insert into timeline(incident_id, at, kind, actor, text)
        select incident_id, current_instant(), $9::text, $10, $11 from n where $9::text is not null)
      select incident_id from n""";

  /**
   * Whether the incident has no other hope than this page: no step to come, no other page under way
   * that was not refused, and none of the last step that was taken. To be asked while the incident
   * is locked.
   */
  static final String LAST_HOPE =
      """
      select i.status = 'triggered' and i.steps_taken >= jsonb_array_length(i.policy -> 'steps')
        and not exists (
          select 1 from notification n
          where n.incident_id = i.id and n.id <> $2 and n.channel <> 'kafka'
            and n.transition in ('triggered', 'escalated')
            and (n.state in ('pending', 'leased')
                and coalesce(n.reason not in ('rejected', 'unauthorized', 'refused_address'), true)
              or n.state = 'accepted' and n.step = i.steps_taken)) as last
      from incident i where i.id = $1""";

  /** Gives a lease back as if it had not been taken. */
  static final String UNTRIED =
      """
      with n as (
        update notification
        set state = $4, reason = $6, attempt = attempt - 1, set_at = current_instant(),
          due_at = case when $5::bigint is null then due_at
            else current_instant() + $5::bigint * interval '1 millisecond' end,
          finished_at = case when $4::text = 'pending' then null else current_instant() end
        where id = $1 and lease = $2 and state = 'leased'
        returning incident_id),
      a as (
        delete from attempt using n where notification_id = $1 and number = $3)
      select incident_id from n""";

  /**
   * Rows whose wait, or lease, was set ahead of now: the clock was set back. They wait as long as
   * they were to, from now on.
   */
  static final String BROUGHT_FORWARD =
      """
      update notification
      set due_at = current_instant() + (due_at - set_at), set_at = current_instant()
      where id in (
        select id from notification
        where channel = $1 and state in ('pending', 'leased')
          and set_at > current_instant() + interval '10 seconds'
        for update skip locked)""";

  /** The wait leaves out rows that cannot be claimed yet for those before them. */
  static final String BACKLOG =
      """
      with held as (
        select coalesce(min(id), 9223372036854775807) as first from notification
        where channel = $1 and state = 'pending' and reason in ('throttled', 'rate_limited')
          and due_at > current_instant())
      select count(*)::int as open,
        ceil(extract(epoch from min(n.due_at) filter (
          where n.id <= (select first from held) and not exists (
            select 1 from notification e
            where e.incident_id = n.incident_id and e.channel = n.channel and e.target = n.target
              and e.id < n.id and e.state in ('pending', 'leased'))) - current_instant()) * 1000)
          ::bigint as wait_ms,
        greatest(0, coalesce(extract(epoch from current_instant() - min(n.created_at)), 0) * 1000)
          ::bigint as oldest_ms,
        coalesce((array_agg(n.reason order by n.id))[1], '') as reason
      from notification n
      where n.channel = $1 and n.state in ('pending', 'leased')""";
}
