-- What people without a role ask for: that their agency becomes an organisation, or that they join one.
create table registrations (
  id uuid primary key,
  person_id uuid not null references people (id),
  kind text not null check (kind in ('agency', 'join')),
  -- the body of the request, as its schema describes it
  agency jsonb,
  -- of kind join: as it was asked for, and what it names; null: nothing
  organisation text,
  organisation_id uuid references organisations (id),
  role text,
  message text,
  state text not null default 'pending' check (state in ('pending', 'accepted', 'refused', 'withdrawn')),
  reason text,
  created_at timestamptz not null,
  decided_at timestamptz,
  mac bytea,
  check (case kind when 'agency' then agency is not null else organisation is not null and role is not null end)
);
create index registrations_of_person on registrations (person_id, id);
create index registrations_of_organisation on registrations (organisation_id, id);
