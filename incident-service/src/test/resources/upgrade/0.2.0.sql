-- The incident database of version 0.2.0, which had been one of 0.1.0, with a night under way: one incident that has paged Slack and
-- waits for its next step, one that is over. Never changed: people have it.
create schema incident;
create table incident.schema_migration (
  version int primary key,
  name text not null,
  applied_at timestamptz not null default now());
insert into incident.schema_migration(version, name) values (1, 'V001__incidents.sql');
set search_path to incident;

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

insert into kafka_offset(topic, part, next_offset) values ('tocsin.elsewhere', 0, 42);
insert into alert_event(event_id, seen_at) values ('upgraded/2026-11-23T01:00:00Z/FIRING', now());

insert into incident(key, fingerprint, title, severity, status, steps_taken, generation, policy, alert, opened_at)
values (
  'upgraded-key', 'upgraded', 'high_error_rate of checkout', 'critical', 'triggered', 1, 1,
  '{"steps": [{"channels": ["slack"], "delayMs": 0}, {"channels": ["email"], "delayMs": 300000}]}',
  '{"ruleGroup": "file/shop", "rule": "high_error_rate", "labels": {"alertname": "high_error_rate", "service": "checkout", "severity": "critical"},
    "annotations": {"description": "more than 5 % fail"}, "value": "0.07", "generatorUrl": "http://127.0.0.1:8080/graph", "startsAt": "2026-11-23T01:00:00Z"}',
  now() - interval '10 minutes');
insert into timeline(incident_id, at, kind, actor, text)
values (1, now() - interval '10 minutes', 'triggered', '', 'high_error_rate of checkout');
insert into notification(incident_id, channel, target, transition, step, actor, comment, state, due_at, created_at)
values (1, 'slack', 'webhook', 'triggered', 0, '', '', 'pending', now() - interval '9 minutes', now() - interval '10 minutes');
insert into timer(incident_id, generation, kind, due_at) values (1, 1, 'escalate', now() - interval '5 minutes');

insert into incident(key, fingerprint, title, severity, status, steps_taken, generation, policy, alert, opened_at, resolved_at, resolved_by)
values (
  'over-key', 'over', 'disk full', 'warning', 'resolved', 1, 2,
  '{"steps": [{"channels": ["slack"], "delayMs": 0}]}',
  '{"ruleGroup": "file/shop", "rule": "disk", "labels": {"alertname": "disk"}, "annotations": {}, "value": "1", "generatorUrl": "", "startsAt": "2026-11-22T01:00:00Z"}',
  now() - interval '1 day', now() - interval '23 hours', 'alert');
insert into notification(incident_id, channel, target, transition, step, actor, comment, state, due_at, attempt, created_at, finished_at)
values (2, 'slack', 'webhook', 'triggered', 0, '', '', 'accepted', now() - interval '1 day', 1, now() - interval '1 day', now() - interval '1 day');
insert into attempt(notification_id, number, started_at, finished_at, outcome)
values (2, 1, now() - interval '1 day', now() - interval '1 day', 'accepted');

-- V002__sources.sql
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
insert into schema_migration(version, name) values (2, 'V002__sources.sql');

-- V003__set_at.sql
-- When due_at was set, by the same clock. Where this lies ahead, the clock has been set back since,
-- and what is left of due_at is a wait by a clock that is gone. Null in rows of an older version.
alter table timer add column set_at timestamptz;
alter table notification add column set_at timestamptz;
insert into schema_migration(version, name) values (3, 'V003__set_at.sql');

-- V004__refused.sql
-- Where to look for incidents that have reached nobody.
create index notification_refused on notification (incident_id)
  where state in ('pending', 'leased', 'dead')
    and reason in ('rejected', 'unauthorized', 'refused_address', 'expired');
insert into schema_migration(version, name) values (4, 'V004__refused.sql');

-- V005__listening.sql
-- Since when the partition is read without a pause, by the present clock: silence is what was not
-- said since. Null until a version that keeps it has read.
alter table kafka_offset add column listening_since timestamptz;
-- When holds_until was set, by the same clock.
alter table incident add column held_at timestamptz;
insert into schema_migration(version, name) values (5, 'V005__listening.sql');
