-- An exception told by a span event and by a log record of the same trace and span, with the same type and message, counts
-- once. Those told by the one only count all: the larger of both numbers hid them.
alter table exception_minute add marked int not null default 0, add marks bigint[] not null default '{}';
comment on column exception_minute.marked is 'How many of the occurrences were told of in a span.';
comment on column exception_minute.marks is
  'Hashes of trace, span, type and message of those, the first 200; see dev.tocsin.segment.summary.ExceptionTable.';

-- How often a kind was told of: by span events; by log records outside of spans, which may be the same ones; by log
-- records in spans of which no event tells. Where marks were left out nobody knows, and all log records may be the same.
create function exception_counts(since timestamptz, until timestamptz)
returns table (fingerprint bigint, events bigint, logs bigint, other_logs bigint)
language sql stable parallel safe as $$
  with told as materialized (
    select m.fingerprint, m.from_logs, m.occurrences, m.marked, m.marks
    from telemetry.exception_minute m
    where m.minute >= date_trunc('minute', since) and m.minute < until),
  of_event as (select distinct unnest(t.marks) as mark from told t where not t.from_logs),
  of_log as (
    select l.fingerprint, count(*) as known, count(e.mark) as same
    from (select t.fingerprint, unnest(t.marks) as mark from told t where t.from_logs) l
      left join of_event e using (mark)
    group by l.fingerprint),
  counted as (
    select t.fingerprint, coalesce(sum(t.occurrences) filter (where not t.from_logs), 0) as events,
      coalesce(sum(t.occurrences) filter (where t.from_logs), 0) as logs,
      bool_or(cardinality(t.marks) < t.marked) as cut
    from told t group by t.fingerprint)
  select c.fingerprint, c.events::bigint,
    (c.logs - case when c.cut then 0 else coalesce(l.known, 0) end)::bigint,
    (case when c.cut then 0 else coalesce(l.known - l.same, 0) end)::bigint
  from counted c left join of_log l using (fingerprint)
$$;

create or replace function exceptions(since timestamptz, until timestamptz)
returns table (fingerprint bigint, service text, type text, occurrences bigint, first_seen timestamptz,
  last_seen timestamptz, message text, stack text, trace_id text)
language sql stable parallel safe as $$
  with counted as (
    select c.fingerprint, greatest(c.events, c.logs) + c.other_logs as occurrences
    from telemetry.exception_counts(since, until) c)
  select distinct on (g.fingerprint) g.fingerprint, g.service, g.type, c.occurrences,
    min(g.first_seen) over same, max(g.last_seen) over same, g.message, g.stack, replace(g.trace_id::text, '-', '')
  from counted c join telemetry.exception_group g using (fingerprint)
  where c.occurrences > 0
  window same as (partition by g.fingerprint)
  order by g.fingerprint, g.last_seen desc
$$;
