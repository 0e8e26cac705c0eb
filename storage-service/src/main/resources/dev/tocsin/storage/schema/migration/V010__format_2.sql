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
