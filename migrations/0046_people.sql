-- People who have signed in, and the roles that they have in organisations.
create table people (
  id uuid primary key,
  -- who one is, as a trusted issuer says in the claims iss and sub
  issuer text not null,
  subject text not null,
  -- as the issuer said it when the person signed in last; nothing is granted by these
  name text,
  email text,
  language text not null check (language in ('de', 'en')),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  mac bytea,
  unique (issuer, subject)
);

create table memberships (
  id uuid primary key,
  person_id uuid not null references people (id) on delete cascade,
  organisation_id uuid not null references organisations (id),
  -- it holds in all organisations below, too
  role text not null check (role in ('viewer', 'orderer', 'approver', 'budget-officer', 'security-officer',
    'data-protection-officer', 'administrator')),
  created_at timestamptz not null,
  mac bytea,
  unique (person_id, organisation_id, role)
);
create index memberships_of_organisation on memberships (organisation_id, id);
