-- Tokens with which a person, or a program of that person, calls the management API.
create table api_tokens (
  id uuid primary key,
  person_id uuid not null references people (id) on delete cascade,
  name text not null,
  -- of the whole token, with the digest key
  digest bytea not null,
  access text not null check (access in ('read', 'full')),
  -- only these; null: all in which the person has a role at the time of a call
  organisations uuid[],
  roles text[],
  -- seconds since 1970: their text, which is under the MAC, depends on no setting of a session
  expires_at bigint not null,
  created_at timestamptz not null,
  last_used_at timestamptz,
  mac bytea
);
create index api_tokens_of_person on api_tokens (person_id, id);
