create schema telemetry;
set search_path to telemetry;
create table schema_migration (
  version int primary key,
  name text not null,
  applied_at timestamptz not null default now());
-- part (the Kafka partition) leads every key, so that several servers can hold the parts (S-13).
-- Nothing here needs an extension. Day partitions are made by the service.

create table ingest_offset (
  topic text not null,
  part int not null,
  next_offset bigint not null,
  primary key (topic, part)
) with (fillfactor = 50);
comment on table ingest_offset is 'First Kafka offset not stored yet; moves in the statement that stores the data.';

create table span_seg (
  part int not null,
  min_ts timestamptz not null,
  id bigint not null,
  max_ts timestamptz not null,
  fmt smallint not null,
  n int not null,
  svcs text[] not null,
  trace_hash int[] not null,
  tokens int[] not null,
  core bytea not null,
  ids bytea not null,
  attrs bytea not null,
  events bytea not null,
  primary key (part, min_ts, id)
) partition by range (min_ts);
alter table span_seg
  alter trace_hash set storage external, alter tokens set storage external,
  alter core set storage external, alter ids set storage external,
  alter attrs set storage external, alter events set storage external;
create index span_seg_trace on span_seg using gin (trace_hash);
create index span_seg_tokens on span_seg using gin (tokens);
-- Searches go newest first.
create index span_seg_newest on span_seg (max_ts, part, id);
comment on table span_seg is 'Spans, thousands a row; id is the first Kafka offset. Format: dev.tocsin.storage.segment.';

create table log_seg (
  part int not null,
  min_ts timestamptz not null,
  id bigint not null,
  max_ts timestamptz not null,
  fmt smallint not null,
  n int not null,
  svcs text[] not null,
  sev_mask int not null,
  trace_hash int[] not null,
  tokens int[] not null,
  nblk int not null,
  bloom bytea not null,
  meta bytea not null,
  body bytea not null,
  attrs bytea not null,
  primary key (part, min_ts, id)
) partition by range (min_ts);
alter table log_seg
  alter trace_hash set storage external, alter tokens set storage external,
  alter bloom set storage external, alter meta set storage external,
  alter body set storage external, alter attrs set storage external;
create index log_seg_trace on log_seg using gin (trace_hash);
create index log_seg_tokens on log_seg using gin (tokens);
create index log_seg_newest on log_seg (max_ts, part, id);
comment on table log_seg is 'Log records, thousands a row; bloom holds the words of the bodies in nblk blocks of 32 bytes.';

create table metric_block (
  part int not null,
  min_ts timestamptz not null,
  source smallint not null,
  id bigint not null,
  max_ts timestamptz not null,
  fmt smallint not null,
  n int not null,
  metrics int[] not null,
  data bytea not null,
  primary key (part, min_ts, source, id)
) partition by range (min_ts);
alter table metric_block alter metrics set storage external, alter data set storage external;
create index metric_block_metrics on metric_block using gin (metrics);
create index metric_block_offset on metric_block (part, source, id);
comment on table metric_block is 'Samples of many series a row; source 0 is otlp_metrics, 1 is tocsin.derived.';

create table series (
  part int not null,
  series_id bigint not null,
  metric text not null,
  labels jsonb not null,
  first_seen timestamptz not null,
  last_seen timestamptz not null,
  primary key (part, series_id)
);
create index series_metric on series (metric);
create index series_labels on series using gin (labels jsonb_path_ops);
comment on table series is 'Every series by its labels (with __name__); last_seen is right within an hour.';

create table delta_state (
  part int not null,
  source smallint not null,
  as_of bigint not null,
  fmt smallint not null,
  data bytea not null,
  primary key (part, source)
);
alter table delta_state alter data set storage external;
comment on table delta_state is 'Totals of accumulated series before Kafka offset as_of; later ones are in the blocks from there on.';

create table operation (
  part int not null,
  service text not null,
  name text not null,
  kind int not null,
  first_seen timestamptz not null,
  last_seen timestamptz not null,
  primary key (part, service, name, kind)
);
comment on table operation is 'What each service does, by span name and kind; last_seen is right within an hour.';
insert into schema_migration(version, name) values (1, 'V001__segments.sql');
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
insert into schema_migration(version, name) values (2, 'V002__summaries.sql');
-- Merging puts the small segments of an hour, of all parts held here, into larger ones. A merged row has a negative id
-- (they come from this sequence, those of flushes are Kafka offsets) and the smallest part of the rows it was made of:
-- its items may belong to any part of this server. It is never merged again.
create sequence merged_id;

-- Finds what is left to merge without reading what is not. The service's queries repeat these conditions.
create index span_seg_small on span_seg (max_ts) where id >= 0 and n < 2000;
create index log_seg_small on log_seg (max_ts) where id >= 0 and n < 2000;
create index metric_block_small on metric_block (max_ts) where id >= 0;
insert into schema_migration(version, name) values (3, 'V003__merging.sql');
-- Segments of format 1 were never released; their readers are gone.
delete from span_seg where fmt < 2;
delete from log_seg where fmt < 2;
delete from metric_block where fmt < 2;
delete from delta_state where fmt < 2;

alter table span_seg add attr_bloom bytea not null;
alter table span_seg alter attr_bloom set storage external;
comment on column span_seg.attr_bloom is
  'Attributes whose keys have no tokens, and trace ids, in blocks of 32 bytes; see TokenBloom.';
comment on column log_seg.bloom is
  'Words of the bodies, attributes whose keys have no tokens, and trace ids; see TokenBloom.';

alter table metric_block add raw bytea not null;
alter table metric_block alter raw set storage external;
comment on column metric_block.raw is
  'Metrics as they came that hold more than float samples can show, or empty; see RawMetrics.';

-- The default pending list, 4 MB an index and day, is more than the entries of a quiet day.
drop index span_seg_trace;
drop index span_seg_tokens;
drop index log_seg_trace;
drop index log_seg_tokens;
create index span_seg_trace on span_seg using gin (trace_hash) with (gin_pending_list_limit = 256);
create index span_seg_tokens on span_seg using gin (tokens) with (gin_pending_list_limit = 256);
create index log_seg_trace on log_seg using gin (trace_hash) with (gin_pending_list_limit = 256);
create index log_seg_tokens on log_seg using gin (tokens) with (gin_pending_list_limit = 256);
insert into schema_migration(version, name) values (4, 'V010__format_2.sql');
create table metric_metadata (
  part int not null,
  id bigint not null,
  metric text not null,
  type text not null,
  help text not null,
  unit text not null,
  last_seen timestamptz not null,
  primary key (part, id)
);
create index metric_metadata_metric on metric_metadata (metric);
comment on table metric_metadata is
  'What senders say of a metric; id is a hash of the texts, last_seen is right within an hour.';

-- What was in raw has another format, and its time is short: nothing was released.
update metric_block set raw = '' where octet_length(raw) > 0;
comment on column metric_block.raw is
  'What OTLP points hold beside their samples in data, or empty; see dev.tocsin.storage.segment.RawMetrics.';
insert into schema_migration(version, name) values (5, 'V011__metadata.sql');
-- RED and the service map as arrays: a row is what one writer has counted of a minute so far, replaced by each of its
-- flushes. Adding to rows per operation cost more than storing the spans. The old tables were never released.
drop function red(timestamptz, timestamptz);
drop function red_minutes(timestamptz, timestamptz);
drop table span_red;
drop function service_map(timestamptz, timestamptz);
drop table service_edge;

create table span_red (
  part int not null,
  minute timestamptz not null,
  id bigint not null,               -- Kafka offset at which the writer began to count this minute
  op bigint[] not null,             -- operation.op; one element for each operation, status and latency bucket
  status smallint[] not null,       -- OTLP status code: 0 unset, 1 ok, 2 error
  bucket smallint[] not null,       -- of the duration, from 1: see latency_quantile
  calls int[] not null,
  sum_ns bigint[] not null,         -- of the durations
  primary key (part, minute, id)
) partition by range (minute);
comment on table span_red is 'Spans per minute, operation, status and latency; see the functions red and red_minutes.';

-- The service map: calls from one service to another or to something that sends no spans itself.
create table service_edge (
  part int not null,
  minute timestamptz not null,
  id bigint not null,               -- Kafka offset at which the writer began to count this minute
  client text[] not null,           -- one element for each client, server and connection type
  server text[] not null,
  connection_type text[] not null,  -- '' a call, 'messaging_system', 'database', 'virtual_node' (known by its address only)
  calls int[] not null,
  failed int[] not null,            -- either side has status error
  client_ns bigint[] not null,      -- sum of the durations as the client saw them
  server_ns bigint[] not null,      -- as the server did; 0 when it sends no spans
  primary key (part, minute, id)
) partition by range (minute);
comment on table service_edge is 'Calls between services per minute; see the function service_map.';

-- What was counted, parts and writers added up, names looked up; a row for each latency bucket.
create function red_buckets(since timestamptz, until timestamptz)
returns table (minute timestamptz, service text, operation text, kind int, status int, bucket int, calls bigint,
  sum_ns bigint)
language sql stable parallel safe as $$
  with element as (
    select r.minute, unnest(r.op) as op, unnest(r.status) as status, unnest(r.bucket) as bucket,
      unnest(r.calls) as calls, unnest(r.sum_ns) as sum_ns
    from telemetry.span_red r
    where r.minute >= date_trunc('minute', since) and r.minute < until),
  counted as (
    select e.minute, e.op, e.status, e.bucket, sum(e.calls)::bigint as calls, sum(e.sum_ns)::bigint as sum_ns
    from element e group by e.minute, e.op, e.status, e.bucket),
  named as (select distinct o.op, o.service, o.name, o.kind from telemetry.operation o)
  select c.minute, n.service, n.name, n.kind, c.status::int, c.bucket::int, c.calls, c.sum_ns
  from counted c join named n using (op)
$$;

-- One row for each minute, operation and status. buckets: see latency_quantile.
create function red_minutes(since timestamptz, until timestamptz)
returns table (minute timestamptz, service text, operation text, kind int, status int, calls bigint, sum_ns bigint,
  buckets bigint[])
language sql stable parallel safe as $$
  select minute, service, operation, kind, status, sum(calls)::bigint, sum(sum_ns)::bigint,
    array[coalesce(sum(calls) filter (where bucket = 1), 0), coalesce(sum(calls) filter (where bucket = 2), 0),
      coalesce(sum(calls) filter (where bucket = 3), 0), coalesce(sum(calls) filter (where bucket = 4), 0),
      coalesce(sum(calls) filter (where bucket = 5), 0), coalesce(sum(calls) filter (where bucket = 6), 0),
      coalesce(sum(calls) filter (where bucket = 7), 0), coalesce(sum(calls) filter (where bucket = 8), 0),
      coalesce(sum(calls) filter (where bucket = 9), 0), coalesce(sum(calls) filter (where bucket = 10), 0),
      coalesce(sum(calls) filter (where bucket = 11), 0), coalesce(sum(calls) filter (where bucket = 12), 0),
      coalesce(sum(calls) filter (where bucket = 13), 0), coalesce(sum(calls) filter (where bucket = 14), 0),
      coalesce(sum(calls) filter (where bucket = 15), 0), coalesce(sum(calls) filter (where bucket = 16), 0)]::bigint[]
  from telemetry.red_buckets(since, until)
  group by minute, service, operation, kind, status
$$;

-- One row an operation: calls, errors and latencies of the whole range.
create function red(since timestamptz, until timestamptz)
returns table (service text, operation text, kind int, calls bigint, errors bigint, calls_per_second double precision,
  error_ratio double precision, mean_seconds double precision, p50_seconds double precision,
  p95_seconds double precision, p99_seconds double precision)
language sql stable parallel safe as $$
  with whole as (
    select service, operation, kind, sum(calls)::bigint as calls,
      coalesce(sum(calls) filter (where status = 2), 0)::bigint as errors, sum(sum_ns) as sum_ns,
      array[coalesce(sum(calls) filter (where bucket = 1), 0), coalesce(sum(calls) filter (where bucket = 2), 0),
        coalesce(sum(calls) filter (where bucket = 3), 0), coalesce(sum(calls) filter (where bucket = 4), 0),
        coalesce(sum(calls) filter (where bucket = 5), 0), coalesce(sum(calls) filter (where bucket = 6), 0),
        coalesce(sum(calls) filter (where bucket = 7), 0), coalesce(sum(calls) filter (where bucket = 8), 0),
        coalesce(sum(calls) filter (where bucket = 9), 0), coalesce(sum(calls) filter (where bucket = 10), 0),
        coalesce(sum(calls) filter (where bucket = 11), 0), coalesce(sum(calls) filter (where bucket = 12), 0),
        coalesce(sum(calls) filter (where bucket = 13), 0), coalesce(sum(calls) filter (where bucket = 14), 0),
        coalesce(sum(calls) filter (where bucket = 15), 0), coalesce(sum(calls) filter (where bucket = 16), 0)]::bigint[] as buckets
    from telemetry.red_buckets(since, until)
    group by service, operation, kind)
  select service, operation, kind, calls, errors,
    calls / greatest(extract(epoch from until - date_trunc('minute', since)), 1)::double precision,
    errors::double precision / calls, (sum_ns / 1e9 / calls)::double precision,
    telemetry.latency_quantile(0.5, buckets), telemetry.latency_quantile(0.95, buckets),
    telemetry.latency_quantile(0.99, buckets)
  from whole
$$;

create function service_map(since timestamptz, until timestamptz)
returns table (client text, server text, connection_type text, calls bigint, failed bigint,
  calls_per_second double precision, client_mean_seconds double precision, server_mean_seconds double precision)
language sql stable parallel safe as $$
  with element as (
    select unnest(e.client) as client, unnest(e.server) as server, unnest(e.connection_type) as connection_type,
      unnest(e.calls) as calls, unnest(e.failed) as failed, unnest(e.client_ns) as client_ns,
      unnest(e.server_ns) as server_ns
    from telemetry.service_edge e
    where e.minute >= date_trunc('minute', since) and e.minute < until)
  select client, server, connection_type, sum(calls), sum(failed),
    sum(calls) / greatest(extract(epoch from until - date_trunc('minute', since)), 1)::double precision,
    (sum(client_ns) / 1e9 / sum(calls))::double precision, (sum(server_ns) / 1e9 / sum(calls))::double precision
  from element
  group by client, server, connection_type
$$;

-- Random: not to be compressed.
alter table trace_summary alter trace_id set storage external;
alter table span_red alter sum_ns set storage external;
insert into schema_migration(version, name) values (6, 'V012__red_blocks.sql');
-- Kafka uses offsets again, after it has lost the end of a log and in a topic that was made anew. The epoch grows then;
-- ids are epoch * 2^48 + offset, so what was stored before (epoch 0) keeps its ids, and none comes twice.
alter table ingest_offset add topic_id uuid, add epoch int not null default 0;
comment on column ingest_offset.topic_id is 'Kafka''s id of the topic the offset belongs to; null when nobody knows.';
comment on column ingest_offset.epoch is 'Grows whenever Kafka uses offsets again; above the offset in the ids of what is stored.';

create table ingest_gap (
  part int not null,
  topic text not null,
  at timestamptz not null default now(),
  from_offset bigint not null,
  to_offset bigint,                 -- after the last; null: nobody knows
  reason text not null,             -- retention: removed before they were read; lost_tail: Kafka lost what was stored here
                                    -- already; new_topic: what the deleted topic had from there on
  primary key (part, topic, at, from_offset, reason)
);
comment on table ingest_gap is 'Kafka offsets that are missing here or in Kafka, and why; [from_offset, to_offset).';

-- What a segment takes when it is not packed: how much is merged at a time goes by it.
alter table span_seg add unpacked int;
alter table log_seg add unpacked int;
alter table metric_block add unpacked int;
comment on column span_seg.unpacked is 'Bytes of the spans as they came; null in rows of older versions.';
comment on column log_seg.unpacked is 'Bytes of the log records as they came; null in rows of older versions.';
comment on column metric_block.unpacked is 'Bytes of samples and points in memory, about; null in rows of older versions.';

-- Sums of durations that senders made up stop where bigint ends; a range with one of them could not be read at all.
create or replace function red_buckets(since timestamptz, until timestamptz)
returns table (minute timestamptz, service text, operation text, kind int, status int, bucket int, calls bigint,
  sum_ns bigint)
language sql stable parallel safe as $$
  with element as (
    select r.minute, unnest(r.op) as op, unnest(r.status) as status, unnest(r.bucket) as bucket,
      unnest(r.calls) as calls, unnest(r.sum_ns) as sum_ns
    from telemetry.span_red r
    where r.minute >= date_trunc('minute', since) and r.minute < until),
  counted as (
    select e.minute, e.op, e.status, e.bucket, sum(e.calls)::bigint as calls,
      least(sum(e.sum_ns), 9223372036854775807)::bigint as sum_ns
    from element e group by e.minute, e.op, e.status, e.bucket),
  named as (select distinct o.op, o.service, o.name, o.kind from telemetry.operation o)
  select c.minute, n.service, n.name, n.kind, c.status::int, c.bucket::int, c.calls, c.sum_ns
  from counted c join named n using (op)
$$;

create or replace function red_minutes(since timestamptz, until timestamptz)
returns table (minute timestamptz, service text, operation text, kind int, status int, calls bigint, sum_ns bigint,
  buckets bigint[])
language sql stable parallel safe as $$
  select minute, service, operation, kind, status, sum(calls)::bigint,
    least(sum(sum_ns), 9223372036854775807)::bigint,
    array[coalesce(sum(calls) filter (where bucket = 1), 0), coalesce(sum(calls) filter (where bucket = 2), 0),
      coalesce(sum(calls) filter (where bucket = 3), 0), coalesce(sum(calls) filter (where bucket = 4), 0),
      coalesce(sum(calls) filter (where bucket = 5), 0), coalesce(sum(calls) filter (where bucket = 6), 0),
      coalesce(sum(calls) filter (where bucket = 7), 0), coalesce(sum(calls) filter (where bucket = 8), 0),
      coalesce(sum(calls) filter (where bucket = 9), 0), coalesce(sum(calls) filter (where bucket = 10), 0),
      coalesce(sum(calls) filter (where bucket = 11), 0), coalesce(sum(calls) filter (where bucket = 12), 0),
      coalesce(sum(calls) filter (where bucket = 13), 0), coalesce(sum(calls) filter (where bucket = 14), 0),
      coalesce(sum(calls) filter (where bucket = 15), 0), coalesce(sum(calls) filter (where bucket = 16), 0)]::bigint[]
  from telemetry.red_buckets(since, until)
  group by minute, service, operation, kind, status
$$;
insert into schema_migration(version, name) values (7, 'V013__epochs.sql');
create table exception_minute_20261130 partition of exception_minute FOR VALUES FROM ('2026-11-30 00:00:00+00') TO ('2026-12-01 00:00:00+00');
create table exception_minute_20261201 partition of exception_minute FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2026-12-02 00:00:00+00');
create table exception_minute_20261202 partition of exception_minute FOR VALUES FROM ('2026-12-02 00:00:00+00') TO ('2026-12-03 00:00:00+00');
create table log_seg_20261130 partition of log_seg FOR VALUES FROM ('2026-11-30 00:00:00+00') TO ('2026-12-01 00:00:00+00');
create table log_seg_20261201 partition of log_seg FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2026-12-02 00:00:00+00');
create table log_seg_20261202 partition of log_seg FOR VALUES FROM ('2026-12-02 00:00:00+00') TO ('2026-12-03 00:00:00+00');
create table metric_block_20261130 partition of metric_block FOR VALUES FROM ('2026-11-30 00:00:00+00') TO ('2026-12-01 00:00:00+00');
create table metric_block_20261201 partition of metric_block FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2026-12-02 00:00:00+00');
create table metric_block_20261202 partition of metric_block FOR VALUES FROM ('2026-12-02 00:00:00+00') TO ('2026-12-03 00:00:00+00');
create table service_edge_20261130 partition of service_edge FOR VALUES FROM ('2026-11-30 00:00:00+00') TO ('2026-12-01 00:00:00+00');
create table service_edge_20261201 partition of service_edge FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2026-12-02 00:00:00+00');
create table service_edge_20261202 partition of service_edge FOR VALUES FROM ('2026-12-02 00:00:00+00') TO ('2026-12-03 00:00:00+00');
create table span_red_20261130 partition of span_red FOR VALUES FROM ('2026-11-30 00:00:00+00') TO ('2026-12-01 00:00:00+00');
create table span_red_20261201 partition of span_red FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2026-12-02 00:00:00+00');
create table span_red_20261202 partition of span_red FOR VALUES FROM ('2026-12-02 00:00:00+00') TO ('2026-12-03 00:00:00+00');
create table span_seg_20261130 partition of span_seg FOR VALUES FROM ('2026-11-30 00:00:00+00') TO ('2026-12-01 00:00:00+00');
create table span_seg_20261201 partition of span_seg FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2026-12-02 00:00:00+00');
create table span_seg_20261202 partition of span_seg FOR VALUES FROM ('2026-12-02 00:00:00+00') TO ('2026-12-03 00:00:00+00');
create table trace_summary_20261130 partition of trace_summary FOR VALUES FROM ('2026-11-30 00:00:00+00') TO ('2026-12-01 00:00:00+00');
create table trace_summary_20261201 partition of trace_summary FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2026-12-02 00:00:00+00');
create table trace_summary_20261202 partition of trace_summary FOR VALUES FROM ('2026-12-02 00:00:00+00') TO ('2026-12-03 00:00:00+00');
insert into exception_group(part, fingerprint, service, type, message, stack, trace_id, first_seen, last_seen) overriding system value values ('0', '-4525618603623752117', 'shop', '', '', 'at Shop.charge(Shop.java:42)', '01020304-0506-0708-090a-0b0c0d0e0f10', '2026-11-30 12:00:00.001+00', '2026-11-30 12:00:00.001+00');
insert into exception_minute(part, minute, fingerprint, from_logs, occurrences) overriding system value values ('0', '2026-11-30 12:00:00+00', '-4525618603623752117', 'false', '1');
insert into ingest_offset(topic, part, next_offset, topic_id, epoch) overriding system value values ('tocsin.derived', '0', '0', '39f529c2-9f1c-445b-a54f-a7b72cbebc24', '0');
insert into ingest_offset(topic, part, next_offset, topic_id, epoch) overriding system value values ('otlp_logs', '0', '1', 'd165a95d-71a1-4f02-8c4b-b8f2d06e2eaf', '0');
insert into ingest_offset(topic, part, next_offset, topic_id, epoch) overriding system value values ('otlp_metrics', '0', '5', '77d73081-03eb-4b97-9afa-e33f1965d52e', '0');
insert into ingest_offset(topic, part, next_offset, topic_id, epoch) overriding system value values ('otlp_spans', '0', '1', 'f40dd064-60ab-4e68-a05b-5dbdd221616b', '0');
insert into log_seg(part, min_ts, id, max_ts, fmt, n, svcs, sev_mask, trace_hash, tokens, nblk, bloom, meta, body, attrs, unpacked) overriding system value values ('0', '2026-11-30 12:00:00+00', '0', '2026-11-30 12:00:00+00', '2', '1', '{shop}', '512', '{}', '{702647156}', '1', E'\\x00000000000000000208000800c0000080000400000020000002800008002000', E'\\x6c0000000d04686561641111056e616d65730707097265736f75726365733d3d0673636f706573020204726f77730000047265737400000674726163657303030574726163650101057370616e730202047370616e01010130141409302e6c656e67746873000006302e626974730000018080a4a6a7b7e8ec31010473686f7001020004494e464f013b0a390a160a0c736572766963652e6e616d6512060a0473686f700a1f0a13736572766963652e696e7374616e63652e696412080a0673686f702d310100010000000100010112010001000100010001000102010001000100', E'\\x1c0000000305746578747301010774657874732e300d0d066f74686572730202000c6361726420726566757365640100', E'\\x140000000207636f6c756d6e730101067368617065730202000100', '210');
insert into metric_block(part, min_ts, source, id, max_ts, fmt, n, metrics, data, raw, unpacked) overriding system value values ('0', '2026-11-30 12:00:00+00', '0', '0', '2026-11-30 12:01:00+00', '2', '5', '{976040889}', E'\\x6b0000000c067365726965730b0b0574696d65730c0c056d6f64657301010677686f6c6573050506706c616e6530000006706c616e6531000006706c616e6532000006706c616e6533000006706c616e6534000006706c616e6535000006706c616e6536000006706c616e653700000151f6a2215ca407ea000580889cc5c568b0ea01000000000002020202', E'\\x730000000c05746578747358580773747265616d730808057469636b7305050b6f746865725f7469636b730000066e616e6f73300505066e616e6f73310505066e616e6f733205050574696d65730505067374617274730505076e756d6265727305050572657374730000096578656d706c6172730101043b0a390a160a0c736572766963652e6e616d6512060a0473686f700a1f0a13736572766963652e696e7374616e63652e696412080a0673686f702d31000f0a0b74656d70657261747572652a00092100000000000000000100010203050102010101010100000000000000000000000000000000000000000000000000000000000000', '1083');
insert into metric_metadata(part, id, metric, type, help, unit, last_seen) overriding system value values ('0', '3185498521484381752', 'temperature', 'gauge', '', '', '2026-11-30 22:20:28.905+00');
insert into operation(part, service, name, kind, first_seen, last_seen, op) overriding system value values ('0', 'shop', 'GET /cart', '2', '2026-11-30 12:00:00.001+00', '2026-11-30 12:00:00.001+00', '819659723167451871');
insert into operation(part, service, name, kind, first_seen, last_seen, op) overriding system value values ('0', 'shop', 'charge', '3', '2026-11-30 12:00:00.001+00', '2026-11-30 12:00:00.001+00', '-5252331922882531611');
insert into series(part, series_id, metric, labels, first_seen, last_seen) overriding system value values ('0', '-1583116028389165487', 'temperature', '{"job": "shop", "__name__": "temperature", "instance": "shop-1"}', '2026-11-30 12:01:00+00', '2026-11-30 12:01:00+00');
insert into span_red(part, minute, id, op, status, bucket, calls, sum_ns) overriding system value values ('0', '2026-11-30 12:00:00+00', '0', '{-5252331922882531611,819659723167451871}', '{2,0}', '{5,5}', '{1,1}', '{25000000,25000000}');
insert into span_seg(part, min_ts, id, max_ts, fmt, n, svcs, trace_hash, tokens, core, ids, attrs, events, attr_bloom, unpacked) overriding system value values ('0', '2026-11-30 12:00:00+00', '0', '2026-11-30 12:00:00.001+00', '2', '2', '{shop}', '{939529806}', '{-1072257013,-675833802,-596607955,-302793969,-156467922,674701918,702647156,819713886,1400724778,1579322870}', E'\\x3e0000000704686561641111056e616d65731212097265736f757263657364660673636f7065730d0d0130191909302e6c656e67746873020206302e626974730303028080a4a6a7b7e8ec31010473686f70020209474554202f63617274066368617267650000fd0200e285151b706bda4017761011d2d4a484ffff3768dd2876fd44f116f3e6a8078a5b9653904f7a2246a5f768fae98df77e294406afee441894c452c988091246ef684ff32ac10eb65472c090e4e9ec1da9a3390fac600b630001010058623e01010b0a090a0473686f70120131020004000001060601000002020180e1eb1701820401000100001580840e', E'\\x22000000040674726163657312120574726163650202047370616e111106706172656e74020201010102030405060708090a0b0c0d0e0f100000015b4d2dd6c908a56b9e832d709f6eafb40002', E'\\x360000000907636f6c756d6e733a3a0673686170657309090130010103302e301111013104040132010103322e300e0e0133010103332e300606040a687474702e726f757465000219687474702e726573706f6e73652e7374617475735f636f6465010207616d6f756e74730501037261770401020200010400010203000906474554202f6361727463686172676590039003000d2a0b0a0921000000000000e03f0005aad1358702', E'\\x110000000204726f77730101047265737490019001028e011a0673686f703d315a4c0945c2733addd0ec181209657863657074696f6e1a360a14657863657074696f6e2e737461636b7472616365121e0a1c61742053686f702e6368617267652853686f702e6a6176613a34322960026a210a10a3ba75b7ee8f75b1367dc57c55f98dfe1208a54c0faaff887a8d35010000007a11120d63617264206465636c696e65641802', E'\\x4000000000000080020000980401000000000200000800004002884000000008', '773');
insert into trace_summary(part, min_ts, id, max_ts, n, trace_id, start_us, duration_us, spans, errors, root, services, root_service, root_name, service_set) overriding system value values ('0', '2026-11-30 12:00:00+00', '0', '2026-11-30 12:00:00.001+00', '1', '{01020304-0506-0708-090a-0b0c0d0e0f10}', '{1796040000000000}', '{26000}', '{2}', '{1}', '{1}', '{1}', '{shop}', '{"GET /cart"}', '{shop}');
