-- access: what platforms see and may order, and how much of it

create table visibility_rules (
  id uuid primary key,
  effect text not null check (effect in ('allow', 'deny')),
  -- whom it names: all that is set must hold; nothing set: everybody
  platform_id uuid references platforms (id),
  organisation_id uuid references organisations (id),
  level text check (level in ('bund', 'land', 'kommune')),
  -- which plans it names: all that is set must hold; nothing set: every plan
  provider_id uuid references providers (id),
  offering_id uuid references offerings (id),
  plan_id uuid references plans (id),
  label_name text,
  label_value text,
  -- told to whoever is refused for it, unless the plan is concealed
  reason text not null,
  conceal boolean not null default false,
  comment text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check ((label_name is null) = (label_value is null))
);

-- How many instances there may be. The instances themselves are what holds the places, so no second set of books can
-- go wrong: an order locks the quotas that it falls under, counts, and is rolled back if it is one too many.
create table quotas (
  id uuid primary key,
  -- null: of all together
  organisation_id uuid references organisations (id),
  -- a plan comes with its offering, an offering with its provider
  provider_id uuid references providers (id),
  offering_id uuid references offerings (id),
  plan_id uuid references plans (id),
  instances integer not null check (instances >= 0),
  comment text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check (plan_id is null or offering_id is not null),
  check (offering_id is null or provider_id is not null),
  check (organisation_id is not null or provider_id is not null)
);
-- null is a value here, which a unique index of Postgres 14 cannot say by itself
create unique index quotas_once on quotas (
  (coalesce(organisation_id, '00000000-0000-0000-0000-000000000000')), (coalesce(provider_id, '00000000-0000-0000-0000-000000000000')),
  (coalesce(offering_id, '00000000-0000-0000-0000-000000000000')), (coalesce(plan_id, '00000000-0000-0000-0000-000000000000'))
);
create index quotas_of_organisation on quotas (organisation_id);

-- The plan that an update leads to: until the update is over the instance holds a place of either.
alter table operations add target_plan_id uuid;
