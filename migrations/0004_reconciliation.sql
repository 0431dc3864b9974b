-- reconciliation: what we hold against what a provider tells. Runs and findings only; nothing is ever changed by them.

-- 0: never
alter table providers add column reconcile_seconds integer not null default 86400 check (reconcile_seconds >= 0);
-- null until somebody plans the first run
alter table providers add column next_reconcile_at timestamptz;

create table reconciliation_runs (
  id uuid primary key,
  provider_id uuid not null references providers (id) on delete cascade,
  cause text not null check (cause in ('schedule', 'request')),
  requested_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz,
  -- fencing: every claim raises it, findings are written only where it still matches
  attempt integer not null default 0,
  lease_until timestamptz,
  -- whether the provider listed what it holds, or was asked for one thing after the other
  by_listing boolean,
  instances_checked integer not null default 0,
  bindings_checked integer not null default 0,
  -- what could not be judged: the provider does not tell or is busy with it, or an order began or ended meanwhile
  skipped integer not null default 0,
  -- what the provider gave no usable answer for
  unclear integer not null default 0,
  -- findings beyond the most that are kept
  left_out integer not null default 0,
  error text
);
-- One run per provider at a time.
create unique index reconciliation_runs_open on reconciliation_runs (provider_id) where finished_at is null;
create index reconciliation_runs_of_provider on reconciliation_runs (provider_id, requested_at desc, id desc);

create table findings (
  id uuid primary key,
  provider_id uuid not null references providers (id) on delete cascade,
  kind text not null check (kind in ('missing', 'unknown', 'different')),
  object_kind text not null check (object_kind in ('instance', 'binding')),
  -- keyed digest of kind, object_kind and both upstream ids, which together may be too long for an index
  identity bytea not null,
  -- the ids at the provider; of a binding also that of its instance
  upstream_id text not null,
  upstream_instance_id text not null,
  -- the row of ours, where there is one: of an unknown one it is a tombstone
  object_key uuid,
  platform_id uuid,
  instance_id text,
  binding_id text,
  -- no values of parameters, no credentials: names of fields, plan and service ids, versions, times
  details jsonb not null,
  -- keyed digest of what was found: another one makes an acknowledged finding open again
  fingerprint bytea not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  resolved_at timestamptz,
  acknowledged_at timestamptz,
  acknowledged_reason text
);
create unique index findings_once on findings (provider_id, identity) where resolved_at is null;
create index findings_open on findings (provider_id, id) where resolved_at is null;
create index findings_of_provider on findings (provider_id, id);

-- Pages of a provider's live instances, in the order of their keys; it does all that instances_of_provider did.
create index instances_of_provider_by_key on instances (provider_id, id) where deleted_at is null;
drop index instances_of_provider;
-- What a provider lists is looked up by its own ids, among tombstones too.
create index instances_upstream on instances (upstream_id);
create index bindings_upstream on bindings (upstream_id);
create index orphans_upstream on orphans (upstream_id);
