-- What becomes of something that an order may have left at a provider: removed by itself, after some hours, or by a person.
alter table providers
  add column mitigation text not null default 'automatic' check (mitigation in ('automatic', 'hold', 'manual')),
  add column mitigation_hold_hours double precision check (mitigation_hold_hours > 0),
  add constraint providers_hold_has_hours check ((mitigation = 'hold') = (mitigation_hold_hours is not null));

-- Which process has stopped calling which provider. Each writes rows of its own, so that none overwrites another's; an
-- open one counts only while it is confirmed, so that a process that died takes its word with it.
create table provider_circuits (
  provider_id uuid not null references providers (id) on delete cascade,
  process_id uuid not null,
  state text not null check (state in ('open', 'closed')),
  since timestamptz not null,
  -- when the next call may be tried
  until timestamptz,
  reason text,
  -- by the database's clock: processes need not agree on the time
  seen_at timestamptz not null default now(),
  primary key (provider_id, process_id)
);
