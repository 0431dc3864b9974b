-- Roles that wait for a person who has not signed in yet, or is no member: it takes them when it signs in.
create table invitations (
  id uuid primary key,
  organisation_id uuid not null references organisations (id),
  role text not null,
  -- whom it names: a mail address in lower case, or a subject of an issuer
  email text,
  issuer text,
  subject text,
  state text not null default 'open' check (state in ('open', 'accepted')),
  -- seconds since 1970: their text, which is under the MAC, depends on no setting of a session
  expires_at bigint not null,
  created_at timestamptz not null,
  mac bytea,
  check (case when email is null then issuer is not null and subject is not null
    else issuer is null and subject is null end)
);
create index invitations_of_organisation on invitations (organisation_id, id);
create index invitations_by_email on invitations (email) where state = 'open';
create index invitations_by_subject on invitations (issuer, subject) where state = 'open';
