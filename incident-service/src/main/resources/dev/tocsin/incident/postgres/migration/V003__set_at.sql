-- When due_at was set, by the same clock. Where this lies ahead, the clock has been set back since,
-- and what is left of due_at is a wait by a clock that is gone. Null in rows of an older version.
alter table timer add column set_at timestamptz;
alter table notification add column set_at timestamptz;
