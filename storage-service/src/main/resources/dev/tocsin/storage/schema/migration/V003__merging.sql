-- Merging puts the small segments of an hour, of all parts held here, into larger ones. A merged row has a negative id
-- (they come from this sequence, those of flushes are Kafka offsets) and the smallest part of the rows it was made of:
-- its items may belong to any part of this server. It is never merged again.
create sequence merged_id;

-- Finds what is left to merge without reading what is not. The service's queries repeat these conditions.
create index span_seg_small on span_seg (max_ts) where id >= 0 and n < 2000;
create index log_seg_small on log_seg (max_ts) where id >= 0 and n < 2000;
create index metric_block_small on metric_block (max_ts) where id >= 0;
