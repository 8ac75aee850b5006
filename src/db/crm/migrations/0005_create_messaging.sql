-- Wakes, inbox, commands and API keys.

create table crm.wakes (
  id uuid primary key default uuidv7(),
  workflow_id text not null,
  kind text not null,
  ref text not null,
  created_at timestamptz not null default now(),
  signaled_at timestamptz,
  attempts integer not null default 0,
  unique (workflow_id, kind, ref)
);
create index wakes_open on crm.wakes (id) where signaled_at is null;
comment on table crm.wakes is 'Facts a workflow must hear of, written with the fact; the wake lane signals and marks them';

create table crm.inbox (
  source text not null,
  event_id text not null,
  topic text not null,
  body jsonb not null,
  received_at timestamptz not null default now(),
  processed_at timestamptz,
  result text check (result in ('applied', 'superseded', 'ignored', 'parked')),
  reason text,
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  request_id text,
  primary key (source, event_id)
);
create index inbox_waiting on crm.inbox (received_at) where processed_at is null;
comment on table crm.inbox is 'Every webhook about customers that was answered 2xx, once';

create table crm.commands (
  id uuid primary key default uuidv7(),
  subject_type text not null,
  subject_id uuid not null,
  kind text not null,
  body jsonb not null default '{}',
  actor_type text not null,
  actor_id text not null,
  request_id text,
  status text not null default 'running' check (status in ('running', 'done', 'failed')),
  result jsonb,
  created_at timestamptz not null default now(),
  ended_at timestamptz
);
create index commands_by_subject on crm.commands (subject_type, subject_id, id);
comment on table crm.commands is 'A command''s body stays here; the workflow update carries only its id';

create table crm.api_keys (
  id uuid primary key default uuidv7(),
  name text not null check (length(name) <= 500),
  prefix text not null,
  key_hash text not null unique,
  scopes text[] not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);
create index api_keys_prefix on crm.api_keys (prefix);
comment on column crm.api_keys.key_hash is 'SHA-256 in hex; a key has 256 random bits, so no salt is needed';

create function crm.notify_channel() returns trigger language plpgsql as $$
begin
  perform pg_notify(tg_argv[0], '');
  return null;
end $$;
create trigger messages_notify after insert on crm.messages
  for each statement execute function crm.notify_channel('crm_messages');
create trigger wakes_notify after insert on crm.wakes
  for each statement execute function crm.notify_channel('crm_wake');
create trigger inbox_notify after insert on crm.inbox
  for each statement execute function crm.notify_channel('crm_wake');
