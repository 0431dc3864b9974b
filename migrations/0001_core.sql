-- The rooms of Kontor. Times are timestamptz; ids that we mint are uuid, ids of others are text, kept as sent.

-- uuid equality inside the exclusion constraint that keeps two operations off one instance
create extension if not exists btree_gist;

-- vault: keys that Kontor made for itself, sealed by the operator's key ring; opening one proves that the ring is right
create table vault_secrets (
  name text primary key,
  sealed bytea not null
);

-- access: who may order
create table platforms (
  id uuid primary key,
  name text not null unique,
  created_at timestamptz not null
);

create table platform_credentials (
  id uuid primary key,
  platform_id uuid not null references platforms (id) on delete cascade,
  username text not null unique,
  -- keyed digest: the password is generated, has full entropy and is shown once
  password_digest bytea not null,
  created_at timestamptz not null
);
create index platform_credentials_of_platform on platform_credentials (platform_id);

-- providers: who delivers
create table providers (
  id uuid primary key,
  name text not null unique,
  display_name text not null,
  backend text not null,
  settings jsonb not null,
  -- sealed; null once the provider is removed
  credentials bytea,
  concurrency integer not null check (concurrency > 0),
  refresh_seconds integer not null check (refresh_seconds > 0),
  -- a removed one stays as a row: tombstones of its instances point to it, and its name may come back
  state text not null check (state in ('active', 'draining', 'removed')),
  -- raised by every change, so that other processes know their copy is old
  revision integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

-- catalog: what each provider's last good catalog held, and how the last reading went
create table provider_catalogs (
  provider_id uuid primary key references providers (id) on delete cascade,
  etag text,
  last_modified text,
  content_digest bytea,
  -- validators belong to the settings they were got with
  provider_revision integer not null default 0,
  checked_at timestamptz,
  changed_at timestamptz,
  failed_at timestamptz,
  failures integer not null default 0,
  error text,
  findings jsonb not null default '[]',
  next_refresh_at timestamptz not null
);
create index provider_catalogs_due on provider_catalogs (next_refresh_at);

create table offerings (
  id uuid primary key,
  provider_id uuid not null references providers (id),
  upstream_id text not null,
  name text not null,
  position integer not null,
  -- the published offering without id, name and plans; json, not jsonb: the provider's order of fields stays
  body json not null,
  -- what the provider's own broker can do, which is not what we publish: we can give back what we hold
  upstream_flags jsonb not null,
  withdrawn_at timestamptz,
  unique (provider_id, upstream_id)
);
create unique index offerings_published_name on offerings (name) where withdrawn_at is null;

create table plans (
  id uuid primary key,
  offering_id uuid not null references offerings (id),
  upstream_id text not null,
  name text not null,
  position integer not null,
  body json not null,
  withdrawn_at timestamptz,
  unique (offering_id, upstream_id)
);

-- published plan -> where it is ordered; an instance keeps the target it was provisioned at
create table plan_targets (
  plan_id uuid primary key references plans (id),
  provider_id uuid not null references providers (id),
  upstream_service_id text not null,
  upstream_plan_id text not null
);

create table catalog_revision (
  id smallint primary key default 1 check (id = 1),
  revision bigint not null,
  changed_at timestamptz not null
);
insert into catalog_revision (revision, changed_at) values (0, now());

-- instances: a row is one attempt to have an instance; a deleted one stays as a tombstone. Platforms, providers,
-- offerings and plans are never deleted, so foreign keys to them would guard nothing, and each would lock the same few
-- rows for every order.
create table instances (
  id uuid primary key,
  platform_id uuid not null,
  instance_id text not null,
  provider_id uuid not null,
  offering_id uuid not null,
  plan_id uuid not null,
  -- before the last change of plan: what a platform still believes that was told an error though the change was made
  previous_plan_id uuid,
  upstream_id text not null,
  upstream_service_id text not null,
  upstream_plan_id text not null,
  organization_guid text not null,
  space_guid text not null,
  context jsonb,
  parameters bytea,
  -- null once parameters were updated: the first order can no longer be told from what holds now
  parameters_digest bytea,
  maintenance_version text,
  dashboard_url text,
  metadata jsonb,
  state text not null check (state in ('provisioning', 'ready', 'failed', 'gone')),
  usable boolean not null default true,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz
);
-- Indexes begin with the platform's own id, which only its own query gives: one that begins with platform_id looks as
-- good as the primary key to a plan that was prepared while the table was small.
create unique index instances_live on instances (instance_id, platform_id) where deleted_at is null;
create index instances_of_provider on instances (provider_id) where deleted_at is null;

create table bindings (
  id uuid primary key,
  platform_id uuid not null references platforms (id),
  binding_id text not null,
  instance_key uuid not null references instances (id),
  upstream_id text not null,
  predecessor_key uuid references bindings (id),
  -- what was ordered and what came of it, both sealed
  request bytea not null,
  request_digest bytea not null,
  result bytea,
  expires_at timestamptz,
  state text not null check (state in ('binding', 'ready', 'failed', 'gone')),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz
);
create unique index bindings_live on bindings (binding_id, platform_id) where deleted_at is null;
create index bindings_of_instance on bindings (instance_key) where deleted_at is null;

-- operations: the intent before every effect
create table operations (
  id uuid primary key,
  platform_id uuid not null,
  provider_id uuid not null,
  instance_key uuid not null references instances (id),
  binding_key uuid references bindings (id),
  -- the platform's ids once more: last_operation then reads one row by its key
  instance_id text not null,
  binding_id text,
  kind text not null check (kind in ('provision', 'update', 'deprovision', 'bind', 'unbind')),
  state text not null check (state in ('accepted', 'calling', 'waiting', 'uncertain', 'compensating', 'parked', 'succeeded', 'failed')),
  -- fencing: every claim raises it, a result is written only where it still matches
  attempt integer not null,
  lease_until timestamptz,
  next_step_at timestamptz,
  deadline_at timestamptz not null,
  -- until then a call that left us without an answer may still arrive, so "it is gone" is not the last word
  quiet_until timestamptz,
  tries integer not null default 0,
  -- how often a step broke off by an error of ours since the last good one
  breaks integer not null default 0,
  accepts_incomplete boolean not null,
  -- an update's content, sealed; the other kinds find theirs in the instance or the binding
  change bytea,
  request_digest bytea,
  upstream_operation text,
  originating_identity text,
  request_identity text,
  description text,
  refusal text,
  instance_usable boolean,
  update_repeatable boolean,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  finished_at timestamptz,
  -- One mutating operation per instance; operations of different bindings may run beside each other, but not beside
  -- one of the instance itself (whose lane is unbounded).
  constraint operations_one_at_a_time exclude using gist (
    instance_key with =,
    (case when binding_key is null then int8range(null, null)
          else int8range(uuid_hash_extended(binding_key, 0), uuid_hash_extended(binding_key, 0), '[]') end) with &&
  ) where (state not in ('succeeded', 'failed'))
);
create index operations_of_instance on operations (instance_id, platform_id, created_at desc);
create index operations_running on operations (instance_key) where state not in ('succeeded', 'failed');
create index operations_due on operations ((coalesce(lease_until, next_step_at))) where state not in ('succeeded', 'failed', 'parked');

-- audit: who did what to which object with which outcome
create table audit_events (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  actor text not null,
  action text not null,
  object_kind text not null,
  object_id text not null,
  outcome text not null,
  details jsonb
);
