package dev.tocsin.incident.postgres;

/** Statements that watch over the sources of alerts; all on the schema's search path. */
final class AlarmSql {
  private AlarmSql() {}

  /** One instance at a time ends and raises alarms; the others leave it to that one. */
  static final String TURN = "select pg_try_advisory_xact_lock(hashtext('tocsin/alarms')) as mine";

  /**
   * Incidents whose statement should have been repeated by the time its partition was last read to
   * its end. Who takes them in right now has something newer to say of them.
   */
  static final String QUIET =
      """
      select i.*, coalesce(h.source, '') as beat_source, h.at as beat_at, h.heard_at, k.read_at
      from incident i
      join kafka_offset k on k.topic = $1 and k.part = i.part
      left join heartbeat h on h.part = i.part and h.rule_group = i.rule_group
      where i.status <> 'resolved' and i.silent_since is null
        and i.holds_until < k.read_at - $2::bigint * interval '1 millisecond'
        and (h.heard_at is null
          or h.heard_at < k.read_at - $2::bigint * interval '1 millisecond')
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

  /** Unresolved incidents about ourselves. */
  static final String OPEN =
      """
      select * from incident
      where status <> 'resolved' and starts_with(fingerprint, $1)
      order by id limit 1000""";
}
