-- The operator's keys as this database knows them, so that a ring that does not fit is noticed before anything is done with it.
create table vault_keys (
  id text primary key,
  -- sealed with that very key, and for ever: other bytes under the same id do not open it. Null: known only from what was
  -- sealed before this table was; made when the key has opened one of those
  canary bytea,
  -- whether a row may be sealed with it; kontor keys rotate takes it back when none is
  in_use boolean not null,
  first_seen_at timestamptz not null default now()
);

-- Which process has which keys and seals with which. One seals only with a key that all that live have.
create table vault_processes (
  process_id uuid primary key,
  -- host and process number, for people
  name text not null,
  keys text[] not null,
  sealing_key text,
  -- what was sealed with another one before may still be on its way
  sealing_since timestamptz not null default now(),
  -- by the database's clock: processes need not agree on the time
  seen_at timestamptz not null default now()
);

-- A sealed value begins with 0x01, the length of the key's id, and the id.
insert into vault_keys (id, in_use)
select distinct encode(substring(sealed from 3 for get_byte(substring(sealed from 1 for 2), 1)), 'escape'), true
from (
  select sealed from vault_secrets
  union all select credentials from providers
  union all select parameters from instances
  union all select extensions from instances
  union all select request from bindings
  union all select result from bindings
  union all select change from operations
) as every
where length(sealed) > 2;

-- false: the credentials of this provider's bindings are given to the platform and kept nowhere
alter table providers add column store_binding_credentials boolean not null default true;
