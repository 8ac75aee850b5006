-- Survey definitions, invitations and answers.

create table crm.surveys (
  key text not null check (key ~ '^[a-z][a-z0-9_]{0,63}$'),
  version integer not null check (version > 0),
  kind text not null check (kind in ('nps', 'csat', 'text')),
  questions jsonb not null,
  low_score integer,
  created_at timestamptz not null default now(),
  primary key (key, version)
);
comment on table crm.surveys is 'Append-only definitions: each change is a new version';
insert into crm.surveys (key, version, kind, low_score, questions) values ('order', 1, 'nps', 6, '[
  { "id": "score", "type": "score", "required": true, "label": {
      "en": "How likely are you to recommend us to a friend?", "zh": "您有多大可能向朋友推荐我们？" } },
  { "id": "comment", "type": "text", "required": false, "label": {
      "en": "What is the main reason for your score?", "zh": "您打这个分数的主要原因是什么？" } }]');

create table crm.survey_invites (
  id uuid primary key default uuidv7(),
  survey_key text not null,
  survey_version integer not null,
  subject_type text not null check (subject_type in ('order', 'case', 'customer')),
  subject_id uuid not null,
  round integer not null default 1,
  customer_id uuid not null references crm.customers,
  workflow_id text not null,
  locale text not null default 'en' check (locale in ('en', 'zh')),
  state text not null default 'waiting'
    check (state in ('waiting', 'sent', 'answered', 'expired', 'skipped', 'opted_out')),
  skip_reason text check (skip_reason in ('no_consent', 'cooldown', 'frequency_cap', 'suppressed', 'no_address')),
  token_hash text unique,
  due_at timestamptz not null,
  remind_at timestamptz,
  expires_at timestamptz,
  sent_at timestamptz,
  reminded_at timestamptz,
  answered_at timestamptz,
  created_at timestamptz not null default now(),
  unique (survey_key, subject_type, subject_id, round),
  foreign key (survey_key, survey_version) references crm.surveys (key, version),
  check ((state = 'skipped') = (skip_reason is not null)),
  check (state not in ('sent', 'answered') or (token_hash is not null and sent_at is not null)),
  check ((state = 'answered') = (answered_at is not null))
);
create index survey_invites_newest on crm.survey_invites (id desc);
create index survey_invites_customer on crm.survey_invites (customer_id, id desc);
comment on column crm.survey_invites.token_hash is 'SHA-256; the token itself is only in the mail';

create table crm.survey_responses (
  invite_id uuid primary key references crm.survey_invites,
  score integer not null check (score between 0 and 10),
  comment text check (length(comment) <= 4000),
  answers jsonb not null default '{}',
  request_id text,
  at timestamptz not null default now()
);
comment on table crm.survey_responses is 'Append-only: an invitation is answered once';
