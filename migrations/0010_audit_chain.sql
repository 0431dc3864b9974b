-- The audit log: events are sealed when they are written, and linked into a chain of hashes afterwards.
--
-- The release before goes on as it did: what it writes has no seal, and is linked like all else. The indexes are in 0015 and
-- what was there before is taken up in 0016, so that nothing here takes longer on a large table.

alter table audit_events
  -- part of what is sealed, so that a copy of a sealed event is none
  add uid uuid,
  -- whom it is about, as far as it is about them
  add organisation_id uuid,
  add platform_id uuid,
  add provider_id uuid,
  -- the platform's id, also of what is done to a binding or an operation of it
  add instance_id text,
  -- keyed digest of everything but the id; null: written by a release that did not seal
  add mac bytea;

-- The chain. Its order is that of linking, not of ids: an event with a lower id may be committed later.
create table audit_links (
  position bigint primary key,
  event_id bigint not null unique,
  linked_at timestamptz not null,
  -- of the whole event
  event_hash bytea not null,
  -- of the hash before, the position, the event's id, the time and the event's hash
  hash bytea not null,
  -- keyed digest of this row
  seal bytea not null
);

-- How far the chain goes, so that its end cannot be cut off without a trace; also what a linker locks.
create table audit_head (
  id boolean primary key default true check (id),
  position bigint not null,
  hash bytea not null,
  -- keyed digest of this row
  seal bytea not null
);

-- Events that are not linked yet. Each transaction adds its own, so that nothing is waited for and nothing overlooked.
create table audit_unlinked (
  event_id bigint primary key,
  since timestamptz not null default now(),
  -- the event was gone when it should have been linked
  lost boolean not null default false
);

-- Its path is that of the migration: whoever writes an event may have another, or none, such as pg_restore.
create function audit_await_link () returns trigger language plpgsql set search_path from current as $$
begin
  insert into audit_unlinked (event_id) values (new.id);
  return null;
end $$;
create trigger audit_await_link after insert on audit_events for each row execute function audit_await_link();

create function audit_refuse_change () returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger audit_append_only before update or delete or truncate on audit_events for each statement execute function audit_refuse_change();
create trigger audit_append_only before update or delete or truncate on audit_links for each statement execute function audit_refuse_change();
create trigger audit_append_only before delete or truncate on audit_head for each statement execute function audit_refuse_change();
