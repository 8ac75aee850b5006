-- Templates and the messages made from them.

create table crm.templates (
  key text not null check (key ~ '^[a-z][a-z0-9_]{0,63}$'),
  version integer not null check (version > 0),
  channel text not null check (channel in ('email', 'sms')),
  class text not null check (class in ('transactional', 'marketing')),
  topic text,
  subject jsonb not null,
  text jsonb not null,
  html jsonb,
  variables jsonb not null default '[]',
  created_at timestamptz not null default now(),
  primary key (key, version)
);
comment on table crm.templates is 'Append-only: each change is a new version, a sent one is never altered. Texts are { en, zh } in Liquid';

create table crm.messages (
  id uuid primary key default uuidv7(),
  dedupe_key text not null unique,
  customer_id uuid not null references crm.customers,
  channel text not null check (channel in ('email', 'sms')),
  class text not null check (class in ('transactional', 'marketing')),
  topic text,
  template_key text not null,
  template_version integer not null,
  locale text not null check (locale in ('en', 'zh')),
  source_type text not null check (source_type in ('api', 'order', 'case', 'survey', 'campaign', 'journey')),
  source_id text not null,
  address text,
  address_hash text,
  variables jsonb not null default '{}',
  state text not null default 'queued' check (state in ('queued', 'claimed', 'sending', 'sent', 'delivered',
    'bounced', 'complained', 'deferred', 'failed', 'canceled', 'skipped', 'unknown')),
  skip_reason text check (skip_reason in ('no_consent', 'suppressed', 'frequency_cap', 'expired', 'no_address',
    'erased', 'template_error')),
  error text,
  attempt integer not null default 0,
  claim_token uuid,
  not_before timestamptz not null default now(),
  expires_at timestamptz,
  subject text,
  body_text text,
  body_html text,
  provider_id text,
  resend_of uuid references crm.messages,
  request_id text,
  created_at timestamptz not null default now(),
  claimed_at timestamptz,
  sending_at timestamptz,
  sent_at timestamptz,
  delivered_at timestamptz,
  foreign key (template_key, template_version) references crm.templates (key, version),
  check ((state = 'skipped') = (skip_reason is not null)),
  check (state not in ('claimed', 'sending') or claim_token is not null),
  check (state not in ('sent', 'delivered') or sent_at is not null)
);
create index messages_due on crm.messages (not_before, id) where state in ('queued', 'deferred');
create index messages_in_hand on crm.messages (state) where state in ('claimed', 'sending');
create index messages_newest on crm.messages (id desc);
create index messages_customer on crm.messages (customer_id, id desc);
create index messages_source on crm.messages (source_id);
comment on column crm.messages.dedupe_key is 'Event, person and channel: the same message cannot be queued twice';
comment on column crm.messages.claim_token is 'Made anew by each claim: a worker that lost its claim can change nothing';
comment on column crm.messages.state is 'A message that may have been taken is unknown and is not sent again by itself';

create table crm.message_events (
  provider text not null,
  provider_event_id text not null,
  message_id uuid references crm.messages,
  type text not null,
  at timestamptz not null,
  machine boolean not null default false,
  raw jsonb not null default '{}',
  primary key (provider, provider_event_id)
);
create index message_events_message on crm.message_events (message_id);
comment on table crm.message_events is 'Append-only: what a provider reported of a message';
