-- Mail to people. A row is written with what it tells of, and is the queue: one process at a time sends it.
create table mails (
  id uuid primary key,
  -- what it tells of, and whom: there is at most one
  key text not null unique,
  kind text not null,
  -- the person whom it is for; null: an invitation, which knows its address
  person_id uuid references people (id) on delete cascade,
  -- where the person must have a role when it is sent; null: nowhere
  organisation_id uuid references organisations (id),
  -- until then a role that only claims granted counts, too
  vouched_until timestamptz,
  -- what its text names: no secrets, no parameters, no mail addresses
  facts jsonb not null,
  state text not null default 'waiting' check (state in ('waiting', 'sent', 'dropped', 'failed')),
  created_at timestamptz not null,
  -- when it is sent unless a process is at it; null: it is over
  due_at timestamptz,
  -- until then a process is at it
  lease_until timestamptz,
  -- each claim raises it
  claims integer not null default 0,
  -- why the last attempt failed, or why it was not sent
  reason text,
  ended_at timestamptz
);
create index mails_due on mails (due_at) where due_at is not null;
create index mails_by_state on mails (state, id);
create index mails_created on mails (created_at);

-- Orders whose people get mail of what becomes of them: a row goes once that is known.
create table followed_orders (
  order_id uuid primary key references orders (id) on delete cascade,
  person_id uuid not null references people (id) on delete cascade,
  -- as in mails
  vouched_until timestamptz,
  -- when what has become of it is read again
  check_at timestamptz not null
);
create index followed_orders_due on followed_orders (check_at);

-- Kinds of mail that a person does not want.
alter table people add column muted text[] not null default '{}';
