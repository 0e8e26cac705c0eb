-- A search finds spans that touch its time: those that began before it by when the last of their segment ended. Rows of
-- older versions do not say; there a search looks an hour back, and says `partial` when there is more.
alter table span_seg add max_end timestamptz;
comment on column span_seg.max_end is 'When the last of the spans ended; null in rows of older versions.';
create index span_seg_end on span_seg (max_end);
