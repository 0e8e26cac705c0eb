package dev.tocsin.incident.postgres;

/** Statements that take records of the alerts topic in; all on the schema's search path. */
final class IntakeSql {
  private IntakeSql() {}

  static final String OFFSET =
      """
      select next_offset, topic_id, epoch, moved_at from kafka_offset
      where topic = $1 and part = $2""";

  /** {@code unheard} tells whether a version that knows no ends of statements moved it last. */
  static final String OFFSET_LOCK =
      """
      select next_offset, topic_id, epoch, heard_offset is distinct from next_offset as unheard
      from kafka_offset where topic = $1 and part = $2
      for no key update""";

  /**
   * After a pause we have heard nobody, and before a clock was set back is not a time of this
   * clock: from then on it is listened anew. To be set with whatever moves the row's times.
   */
  private static final String LISTENING =
      """
      listening_since = case
          when greatest(kafka_offset.read_at, kafka_offset.moved_at)
            between current_instant() - interval '30 seconds'
            and current_instant() + interval '10 seconds'
          then coalesce(kafka_offset.listening_since, current_instant())
          else current_instant() end""";

  /** Nothing was read in times to come. */
  private static final String READ_BY_NOW =
      """
      read_at = case when kafka_offset.read_at > current_instant() then current_instant()
          else kafka_offset.read_at end""";

  static final String OFFSET_PUT =
      """
      insert into kafka_offset(topic, part, next_offset, heard_offset, moved_at, topic_id, epoch,
        listening_since)
      values ($1, $2, $3, $3, current_instant(), $4, $5, current_instant())
      on conflict (topic, part) do update set next_offset = excluded.next_offset,
        heard_offset = excluded.heard_offset, moved_at = excluded.moved_at,
        topic_id = excluded.topic_id, epoch = excluded.epoch, %s, %s"""
          .formatted(LISTENING, READ_BY_NOW);

  static final String OFFSET_MOVE =
      """
      update kafka_offset set next_offset = $4, heard_offset = $4, moved_at = current_instant(),
        %s, %s
      where topic = $1 and part = $2 and next_offset = $3"""
          .formatted(LISTENING, READ_BY_NOW);

  /** Where nothing is open nobody asks for it. */
  static final String READ_TO_END =
      """
      update kafka_offset set read_at = current_instant(),
        moved_at = case when moved_at > current_instant() then current_instant() else moved_at end,
        %s
      where topic = $1 and part = $2 and next_offset = $3
        and exists (select from incident where status <> 'resolved')"""
          .formatted(LISTENING);

  static final String GAP =
      """
      insert into alert_gap(topic, part, from_offset, to_offset, reason, at)
      values ($1, $2, $3, $4, $5, current_instant())""";

  /** A repetition may have been missed, so that nothing ends before it is stated again. */
  static final String STATEMENTS_UNKNOWN =
      """
      update incident set stated_at = null, ends_at = null, holds_until = null
      where part = $1 and status <> 'resolved' and ends_at is not null""";

  /** Statements before these may be read again: they prove nothing until they are heard again. */
  static final String HEARTBEATS_UNKNOWN = "delete from heartbeat where part = $1";

  /**
   * {@code fresh} tells whether the id was new, or the statement was taken for over and is made
   * again to hold for longer; any other repetition only renews its memory.
   */
  static final String EVENT_SEEN =
      """
      with before as (
        select ended_at < $2::timestamptz as renewed from alert_event where event_id = $1)
      insert into alert_event(event_id, seen_at) values ($1, current_instant())
      on conflict (event_id) do update set seen_at = excluded.seen_at,
        ended_at = case when alert_event.ended_at < $2::timestamptz then null
          else alert_event.ended_at end
      returning (xmax = 0) or coalesce((select renewed from before), false) as fresh,
        current_instant() as now""";

  static final String EVENT_ENDED =
      """
      insert into alert_event(event_id, seen_at, ended_at) values ($1, current_instant(), $2)
      on conflict (event_id) do update set ended_at = excluded.ended_at""";

  static final String HEARTBEATS =
      """
      insert into heartbeat(part, rule_group, source, at, heard_at)
      select $1::int, beat.*, current_instant()
      from unnest($2::text[], $3::text[], $4::timestamptz[]) as beat
      on conflict (part, rule_group) do update set source = excluded.source, at = excluded.at,
        heard_at = excluded.heard_at""";

  /**
   * Incidents of these groups that may be over, or whose source speaks again. {@code everywhere} is
   * null unless the group was heard in all partitions.
   */
  static final String HEARD_OPEN =
      """
      with sign as (
        select rule_group, count(*) as parts, min(at) as earliest,
          max(at) filter (where part = $1) as here_at,
          max(source) filter (where part = $1) as source
        from heartbeat where rule_group = any($2) and part < $3 group by rule_group)
      select i.*, sign.source as sign_source, sign.here_at as sign_at,
        case when sign.parts >= $3 then sign.earliest end as everywhere, current_instant() as now
      from incident i join sign on sign.rule_group = i.rule_group
      where i.status <> 'resolved' and sign.here_at is not null and (
        sign.parts >= $3 and i.ends_at + $4::bigint * interval '1 millisecond' < sign.earliest
        or i.silent_since is not null and i.part = $1)
      order by i.id limit 200
      for no key update of i""";
}
