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
