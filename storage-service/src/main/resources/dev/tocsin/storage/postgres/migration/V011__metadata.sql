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
