-- Since when the partition is read without a pause, by the present clock: silence is what was not
-- said since. Null until a version that keeps it has read.
alter table kafka_offset add column listening_since timestamptz;
-- When holds_until was set, by the same clock.
alter table incident add column held_at timestamptz;
