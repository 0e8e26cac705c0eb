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
