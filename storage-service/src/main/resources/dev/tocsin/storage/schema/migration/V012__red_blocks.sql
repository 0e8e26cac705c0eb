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
