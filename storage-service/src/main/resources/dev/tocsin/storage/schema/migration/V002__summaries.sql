-- Summaries for people and screens, written in the statement that stores the segments: exactly once with the offset.
-- Tables hold what was written; the functions at the end put the parts (Kafka partitions) and flushes together and
-- take a time range, so that only its days are read. Bounded texts: names up to 256 characters.

-- The id by which span_red names an operation: 64 bits of a hash of service, name and kind, the same in every part.
alter table operation add column op bigint;
create unique index operation_op on operation (part, op);

-- RED: how often, how many errors, how long; a row per minute, operation and status. Added to in place.
-- le_*: spans that lasted at most so long and longer than the column before (not cumulative); null is none.
create table span_red (
  part int not null,
  minute timestamptz not null,
  op bigint not null,               -- operation.op
  status smallint not null,         -- OTLP status code: 0 unset, 1 ok, 2 error
  calls int not null,
  sum_ns bigint not null,           -- of the durations
  le_1ms int, le_2500us int, le_5ms int, le_10ms int, le_25ms int, le_50ms int, le_100ms int, le_250ms int,
  le_500ms int, le_1s int, le_2500ms int, le_5s int, le_10s int, le_30s int, le_60s int, le_inf int,
  primary key (part, minute, op, status)
) partition by range (minute);
comment on table span_red is 'Spans per minute, operation and status; see the function red.';

-- Traces: a row is what one flush (or merge) brought of many traces, as arrays of equal length, one element a trace.
-- It has the key of its span_seg row. A trace comes in several flushes: see the function traces.
create table trace_summary (
  part int not null,
  min_ts timestamptz not null,
  id bigint not null,
  max_ts timestamptz not null,      -- latest start of a span, as in span_seg
  n int not null,                   -- traces
  trace_id uuid[] not null,
  start_us bigint[] not null,       -- earliest span, microseconds since 1970
  duration_us bigint[] not null,    -- from there to the latest end
  spans int[] not null,
  errors int[] not null,            -- spans with status error
  root int[] not null,              -- place in root_service and root_name, from 1; negative: not the root, but the earliest span
  services int[] not null,          -- place in service_set, from 1
  root_service text[] not null,
  root_name text[] not null,
  service_set text[] not null,      -- names in ascending order, separated by chr(31)
  primary key (part, min_ts, id)
) partition by range (min_ts);
comment on table trace_summary is 'What each flush brought of each trace; see the function traces.';

-- The service map: calls per minute from one service to another or to something that sends no spans itself.
create table service_edge (
  part int not null,
  minute timestamptz not null,
  client text not null,
  server text not null,
  connection_type text not null,    -- '' a call, 'messaging_system', 'database', 'virtual_node' (known by its address only)
  calls int not null,
  failed int not null,              -- either side has status error
  client_ns bigint not null,        -- sum of the durations as the client saw them
  server_ns bigint not null,        -- as the server did; 0 when it sends no spans
  primary key (part, minute, client, server, connection_type)
) partition by range (minute);
comment on table service_edge is 'Calls between services per minute; see the function service_map.';

-- Exceptions by service, normalised type and stack: from span events and from log records.
create table exception_group (
  part int not null,
  fingerprint bigint not null,      -- hash of service, normalised type and normalised stack, the same in every part
  service text not null,
  type text not null,
  message text not null,            -- a sample, the newest
  stack text not null,              -- a sample, the newest, cut at 8,192 characters
  trace_id uuid,                    -- a sample, the newest that had one
  first_seen timestamptz not null,
  last_seen timestamptz not null,
  primary key (part, fingerprint)
);
comment on table exception_group is 'What each kind of exception looks like; see the function exceptions.';

create table exception_minute (
  part int not null,
  minute timestamptz not null,
  fingerprint bigint not null,
  from_logs boolean not null,       -- told by log records, else by span events; many services tell both
  occurrences int not null,
  primary key (part, minute, fingerprint, from_logs)
) partition by range (minute);
comment on table exception_minute is 'How often each kind of exception occurred, per minute.';

-- Seconds under which the share q of the calls stayed, from counts per bucket (as array_agg'd by red): linear within
-- the bucket, 60 s for the last one.
create function latency_quantile(q double precision, buckets bigint[]) returns double precision
language sql immutable parallel safe as $$
  with bound as (
    select i, b, le, coalesce(lag(le) over (order by i), 0) as above,
      sum(b) over (order by i) as upto, sum(b) over () as total
    from unnest(buckets,
      array[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 60])
      with ordinality as bucket (b, le, i))
  select (above + (le - above) * (q * total - (upto - b)) / b)::double precision
  from bound where b > 0 and upto >= q * total order by i limit 1
$$;

-- Minutes as they are, parts added up, names looked up. buckets: see latency_quantile.
create function red_minutes(since timestamptz, until timestamptz)
returns table (minute timestamptz, service text, operation text, kind int, status int, calls bigint, sum_ns bigint,
  buckets bigint[])
language sql stable parallel safe as $$
  select r.minute, o.service, o.name, o.kind, r.status::int, sum(r.calls), sum(r.sum_ns)::bigint,
    array[coalesce(sum(le_1ms), 0), coalesce(sum(le_2500us), 0), coalesce(sum(le_5ms), 0), coalesce(sum(le_10ms), 0),
      coalesce(sum(le_25ms), 0), coalesce(sum(le_50ms), 0), coalesce(sum(le_100ms), 0), coalesce(sum(le_250ms), 0),
      coalesce(sum(le_500ms), 0), coalesce(sum(le_1s), 0), coalesce(sum(le_2500ms), 0), coalesce(sum(le_5s), 0),
      coalesce(sum(le_10s), 0), coalesce(sum(le_30s), 0), coalesce(sum(le_60s), 0), coalesce(sum(le_inf), 0)]
  from telemetry.span_red r join telemetry.operation o on o.part = r.part and o.op = r.op
  where r.minute >= date_trunc('minute', since) and r.minute < until
  group by r.minute, o.service, o.name, o.kind, r.status
$$;

-- One row an operation: calls, errors and latencies of the whole range.
create function red(since timestamptz, until timestamptz)
returns table (service text, operation text, kind int, calls bigint, errors bigint, calls_per_second double precision,
  error_ratio double precision, mean_seconds double precision, p50_seconds double precision,
  p95_seconds double precision, p99_seconds double precision)
language sql stable parallel safe as $$
  with whole as (
    select o.service, o.name, o.kind, sum(r.calls) as calls,
      coalesce(sum(r.calls) filter (where r.status = 2), 0) as errors, sum(r.sum_ns) as sum_ns,
      array[coalesce(sum(le_1ms), 0), coalesce(sum(le_2500us), 0), coalesce(sum(le_5ms), 0), coalesce(sum(le_10ms), 0),
        coalesce(sum(le_25ms), 0), coalesce(sum(le_50ms), 0), coalesce(sum(le_100ms), 0), coalesce(sum(le_250ms), 0),
        coalesce(sum(le_500ms), 0), coalesce(sum(le_1s), 0), coalesce(sum(le_2500ms), 0), coalesce(sum(le_5s), 0),
        coalesce(sum(le_10s), 0), coalesce(sum(le_30s), 0), coalesce(sum(le_60s), 0), coalesce(sum(le_inf), 0)] as buckets
    from telemetry.span_red r join telemetry.operation o on o.part = r.part and o.op = r.op
    where r.minute >= date_trunc('minute', since) and r.minute < until
    group by o.service, o.name, o.kind)
  select service, name, kind, calls, errors,
    calls / greatest(extract(epoch from until - date_trunc('minute', since)), 1)::double precision,
    errors::double precision / calls, (sum_ns / 1e9 / calls)::double precision,
    telemetry.latency_quantile(0.5, buckets), telemetry.latency_quantile(0.95, buckets),
    telemetry.latency_quantile(0.99, buckets)
  from whole
$$;

-- What each flush brought of each trace that began in the range, a row each.
create function trace_pieces(since timestamptz, until timestamptz)
returns table (trace_id uuid, start_us bigint, end_us bigint, spans int, errors int, is_root boolean,
  root_service text, root_operation text, services text[])
language sql stable parallel safe as $$
  select t.trace, t.start_us, t.start_us + t.duration_us, t.spans, t.errors, t.root > 0,
    s.root_service[abs(t.root)], s.root_name[abs(t.root)], string_to_array(s.service_set[t.services], chr(31))
  from telemetry.trace_summary s,
    unnest(s.trace_id, s.start_us, s.duration_us, s.spans, s.errors, s.root, s.services)
      as t (trace, start_us, duration_us, spans, errors, root, services)
  where s.min_ts >= since - interval '1 hour' and s.min_ts < until and s.max_ts >= since
    and t.start_us >= extract(epoch from since) * 1000000 and t.start_us < extract(epoch from until) * 1000000
$$;

-- Traces with spans in the range, one row each, summed up over those spans.
create function traces(since timestamptz, until timestamptz)
returns table (trace_id text, started timestamptz, seconds double precision, root_service text, root_operation text,
  spans bigint, errors bigint, services text[])
language sql stable parallel safe as $$
  select replace(p.trace_id::text, '-', ''), to_timestamp(min(p.start_us) / 1e6),
    (max(p.end_us) - min(p.start_us)) / 1e6::double precision,
    (array_agg(p.root_service order by p.is_root desc, p.start_us))[1],
    (array_agg(p.root_operation order by p.is_root desc, p.start_us))[1],
    sum(p.spans), sum(p.errors),
    (select array_agg(distinct name order by name)
     from unnest(string_to_array(string_agg(array_to_string(p.services, chr(31)), chr(31)), chr(31))) as name)
  from telemetry.trace_pieces(since, until) p
  group by p.trace_id
$$;

create function service_map(since timestamptz, until timestamptz)
returns table (client text, server text, connection_type text, calls bigint, failed bigint,
  calls_per_second double precision, client_mean_seconds double precision, server_mean_seconds double precision)
language sql stable parallel safe as $$
  select client, server, connection_type, sum(calls), sum(failed),
    sum(calls) / greatest(extract(epoch from until - date_trunc('minute', since)), 1)::double precision,
    (sum(client_ns) / 1e9 / sum(calls))::double precision, (sum(server_ns) / 1e9 / sum(calls))::double precision
  from telemetry.service_edge
  where minute >= date_trunc('minute', since) and minute < until
  group by client, server, connection_type
$$;

-- An exception told by span events and by log records counts once: the larger of both numbers.
create function exceptions(since timestamptz, until timestamptz)
returns table (fingerprint bigint, service text, type text, occurrences bigint, first_seen timestamptz,
  last_seen timestamptz, message text, stack text, trace_id text)
language sql stable parallel safe as $$
  with counted as (
    select fingerprint, greatest(sum(occurrences) filter (where from_logs),
      sum(occurrences) filter (where not from_logs)) as occurrences
    from telemetry.exception_minute
    where minute >= date_trunc('minute', since) and minute < until
    group by fingerprint)
  select distinct on (g.fingerprint) g.fingerprint, g.service, g.type, c.occurrences,
    min(g.first_seen) over same, max(g.last_seen) over same, g.message, g.stack, replace(g.trace_id::text, '-', '')
  from counted c join telemetry.exception_group g using (fingerprint)
  window same as (partition by g.fingerprint)
  order by g.fingerprint, g.last_seen desc
$$;
