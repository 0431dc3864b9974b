-- People who are signed in to the console.
create table sessions (
  id uuid primary key,
  -- keyed digest of the secret in the person's cookie and of all columns below but the last: whoever
  -- writes here without the key makes no session, and gives no other person or rights to one
  digest bytea not null,
  person_id uuid not null references people (id) on delete cascade,
  issuer text not null,
  subject text not null,
  -- the session at the issuer, which its back-channel logout names
  sid text,
  -- what the ID token said of roles and organisations
  claimed jsonb not null,
  -- when the person proved at the issuer who it is
  authenticated_at timestamptz not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  -- the browser, as it names itself, for the person's own list
  user_agent text not null,
  last_used_at timestamptz not null
);
create index sessions_of_person on sessions (person_id, created_at);
create index sessions_at_issuer on sessions (issuer, subject);
create index sessions_expiring on sessions (expires_at);
