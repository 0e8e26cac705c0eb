-- What belongs to the stored offset. topic_id, epoch: of which topic of that name it is. heard_offset
-- moves with next_offset in every version that notes statements and heartbeats; where they differ,
-- an older one has taken records in. moved_at: when it moved last. read_at: when the partition was
-- last read to its end.
alter table kafka_offset
  add column topic_id uuid,
  add column epoch int not null default 0,
  add column heard_offset bigint,
  add column moved_at timestamptz,
  add column read_at timestamptz;

-- Records of the alerts topic that are missing; to_offset is null when nobody knows how many.
create table alert_gap (
  id bigint generated always as identity primary key,
  topic text not null,
  part int not null,
  from_offset bigint not null,
  to_offset bigint,
  reason text not null,
  at timestamptz not null
);

-- The end of the statement that was taken for over because it was not repeated. Repeated with a
-- later end, it is news.
alter table alert_event add column ended_at timestamptz;

-- The last statement that the alert fires: where it was read, of which event, when it was made and
-- until when it holds by its source's clock, and until when by ours. All null while that is not known.
-- silent_since: last sign of life of a source that is silent.
alter table incident
  add column rule_group text,
  add column part int,
  add column statement_id text,
  add column stated_at timestamptz,
  add column ends_at timestamptz,
  add column holds_until timestamptz,
  add column silent_since timestamptz;
create index incident_group on incident (rule_group) where status <> 'resolved';

-- The last sign of life of each rule group's owner, by partition of the alerts topic. at is the
-- owner's time, heard_at ours.
create table heartbeat (
  part int not null,
  rule_group text not null,
  source text not null,
  at timestamptz not null,
  heard_at timestamptz not null,
  primary key (part, rule_group)
) with (fillfactor = 50);

-- Notifications leave in the order in which they were written.
create index notification_open on notification (channel, id) where state in ('pending', 'leased');
drop index notification_due;
-- What a destination's rate holds back, and with it all that was written later.
create index notification_held on notification (channel, due_at)
  where state = 'pending' and reason in ('throttled', 'rate_limited');
