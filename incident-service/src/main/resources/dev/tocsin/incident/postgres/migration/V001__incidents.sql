-- The clock of record. Everything reads the time through it, so tests can move it.
create function current_instant() returns timestamptz
  language sql stable parallel safe
  as 'select clock_timestamp()';

-- The next offset per partition of a topic: moved in the transaction that writes what was read.
create table kafka_offset (
  topic text not null,
  part int not null,
  next_offset bigint not null,
  primary key (topic, part)
) with (fillfactor = 50);

-- Alert events taken in, by their id; pruned after a week without a repetition.
create table alert_event (
  event_id text primary key,
  seen_at timestamptz not null
);
create index alert_event_seen on alert_event (seen_at);

create table incident (
  id bigint generated always as identity primary key,
  key text not null,
  fingerprint text not null,
  title text not null,
  severity text not null,
  status text not null check (status in ('triggered', 'acknowledged', 'resolved')),
  steps_taken int not null,
  generation int not null,
  policy jsonb not null,
  alert jsonb not null,
  opened_at timestamptz not null,
  acknowledged_at timestamptz,
  acknowledged_by text,
  resolved_at timestamptz,
  resolved_by text
);
create unique index incident_one_open on incident (fingerprint) where status <> 'resolved';
create index incident_unresolved on incident (id) where status <> 'resolved';
create index incident_resolved on incident (resolved_at) where status = 'resolved';

create table timeline (
  id bigint generated always as identity primary key,
  incident_id bigint not null references incident on delete cascade,
  at timestamptz not null,
  kind text not null,
  actor text not null,
  text text not null
);
create index timeline_incident on timeline (incident_id, id);

-- A timer armed under a generation the incident has left does nothing when it goes off.
create table timer (
  id bigint generated always as identity primary key,
  incident_id bigint not null references incident on delete cascade,
  generation int not null,
  kind text not null,
  due_at timestamptz not null
);
create index timer_due on timer (due_at);
create index timer_incident on timer (incident_id);

-- The outbox. due_at: of a pending row the next attempt, of a leased row the end of the lease.
create table notification (
  id bigint generated always as identity primary key,
  incident_id bigint not null references incident on delete cascade,
  channel text not null,
  target text not null,
  transition text not null check (transition in ('triggered', 'escalated', 'acknowledged', 'resolved')),
  step int not null,
  actor text not null,
  comment text not null,
  state text not null check (state in ('pending', 'leased', 'accepted', 'dead', 'superseded')),
  due_at timestamptz not null,
  lease bigint not null default 0,
  attempt int not null default 0,
  reason text,
  created_at timestamptz not null,
  finished_at timestamptz
);
create index notification_due on notification (channel, due_at) where state in ('pending', 'leased');
create index notification_incident on notification (incident_id, id);

create table attempt (
  notification_id bigint not null references notification on delete cascade,
  number int not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  outcome text,
  reason text,
  detail text,
  primary key (notification_id, number)
);
