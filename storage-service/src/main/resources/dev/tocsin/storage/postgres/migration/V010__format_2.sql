-- Segments of format 1 were never released; their readers are gone.
delete from span_seg where fmt < 2;
delete from log_seg where fmt < 2;

alter table span_seg add attr_bloom bytea not null;
alter table span_seg alter attr_bloom set storage external;
comment on column span_seg.attr_bloom is
  'Attributes whose keys have no tokens, and trace ids, in blocks of 32 bytes; see TokenBloom.';
comment on column log_seg.bloom is
  'Words of the bodies, attributes whose keys have no tokens, and trace ids; see TokenBloom.';
