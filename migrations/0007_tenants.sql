-- tenancy: who orders, whose money it is, and how they sign in

create table organisations (
  id uuid primary key,
  -- above it in the tree; an organisation never becomes part of what is below itself (tenancy/ looks, under a lock)
  parent_id uuid references organisations (id),
  name text not null unique,
  display_name text not null,
  level text not null check (level in ('bund', 'land', 'kommune')),
  leitweg_id text,
  cost_centres jsonb not null default '[]',
  state text not null default 'active' check (state in ('active', 'suspended', 'retired')),
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index organisations_below on organisations (parent_id);

alter table platforms
  add display_name text,
  add organisation_id uuid references organisations (id),
  add kind text not null default 'other' check (kind in ('cloudfoundry', 'kubernetes', 'other')),
  add state text not null default 'active' check (state in ('active', 'suspended', 'retired')),
  add updated_at timestamptz;
create index platforms_of_organisation on platforms (organisation_id);

-- basic: user name and digest. bearer: tokens of this issuer about this subject. mtls: certificates of this name.
alter table platform_credentials
  alter username drop not null,
  alter password_digest drop not null,
  add kind text not null default 'basic' check (kind in ('basic', 'bearer', 'mtls')),
  add issuer text,
  add subject text,
  add certificate_name text,
  add last_used_at timestamptz,
  add constraint platform_credentials_whole check (case kind
    when 'basic' then username is not null and password_digest is not null
    when 'bearer' then issuer is not null and subject is not null
    else certificate_name is not null end);
create unique index platform_credentials_bearer on platform_credentials (issuer, subject) where kind = 'bearer';
create unique index platform_credentials_mtls on platform_credentials (certificate_name) where kind = 'mtls';

-- A Cloud Foundry organisation or a Kubernetes namespace of a platform that orders for an organisation of its own.
create table organisation_mappings (
  id uuid primary key,
  platform_id uuid not null references platforms (id) on delete cascade,
  kind text not null check (kind in ('cf_organization', 'k8s_namespace')),
  external_id text not null,
  organisation_id uuid not null references organisations (id),
  created_at timestamptz not null,
  unique (platform_id, kind, external_id)
);

-- For whom it was ordered, as it was found when it was ordered; null: by a platform without an organisation.
alter table instances add organisation_id uuid;
