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
