-- ledger: what is taken of what is limited, so that an order under a quota need not count a million rows.
--
-- An entry changes accounts by an amount: each of its holders in each of its scopes. A holder is an organisation, or a
-- platform for what it ordered without one, or all together; a scope is a plan, an offering, a provider, or everything.
-- "All together" and "everything" have the id 0. So a move in the tree of organisations changes no account, and what a
-- quota limits is a sum over one account for each holder below it.
--
-- The entry is written in the transaction of its cause, and no such transaction waits for another: what an account holds
-- is its balance and its unposted entries, in each snapshot as exact as counting. A job posts entries: it adds them to
-- the balances and moves them to ledger_entries. To lock the balance instead would make all orders of a plan wait for one
-- another, those without a quota and deletes too.

-- Appended, and removed only by being posted.
create table ledger_unposted (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  -- what is counted; other units, such as amounts of money in cents, have accounts of their own
  unit text not null,
  -- opened: what there was before the ledger. reserved, released: by an instance. corrected: by the comparison of both.
  cause text not null,
  amount bigint not null,
  holders uuid[] not null,
  scopes uuid[] not null,
  -- what the entry is for; null: for a sum
  instance_key uuid
);

-- The ledger as it is kept: append-only.
create table ledger_entries (
  id bigint primary key,
  at timestamptz not null,
  unit text not null,
  cause text not null,
  amount bigint not null,
  holders uuid[] not null,
  scopes uuid[] not null,
  instance_key uuid
);
create function ledger_refuse_change () returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger ledger_append_only before update or delete or truncate on ledger_entries for each statement execute function ledger_refuse_change();

-- Of each account the sum of its posted entries.
create table ledger_balances (
  unit text not null,
  scope uuid not null,
  holder uuid not null,
  balance bigint not null,
  primary key (unit, scope, holder)
) with (fillfactor = 50);

-- When the ledger was last compared with what it counts.
create table ledger_checks (
  unit text primary key,
  checked_at timestamptz not null
);
insert into ledger_checks values ('instance', now());

-- A trigger, because processes of 0.2.0, which know no ledger, write instances beside this release. It has the rights of
-- the tables' owner, because a database role of a serving process gets its rights on new tables only after all
-- migrations.
create function ledger_follow_instance () returns trigger language plpgsql security definer as $$
declare
  together constant uuid := '00000000-0000-0000-0000-000000000000';
begin
  if tg_op <> 'INSERT' and old.deleted_at is null and (old.state <> 'failed' or old.may_exist) then
    insert into ledger_unposted (unit, cause, amount, holders, scopes, instance_key)
      values ('instance', 'released', -1, array[coalesce(old.organisation_id, old.platform_id), together],
        array[old.plan_id, old.offering_id, old.provider_id, together], old.id);
  end if;
  if tg_op <> 'DELETE' and new.deleted_at is null and (new.state <> 'failed' or new.may_exist) then
    insert into ledger_unposted (unit, cause, amount, holders, scopes, instance_key)
      values ('instance', 'reserved', 1, array[coalesce(new.organisation_id, new.platform_id), together],
        array[new.plan_id, new.offering_id, new.provider_id, together], new.id);
  end if;
  return null;
end $$;
-- Its path is that of the migration, and temporary tables come last: a session could make one of the ledger's name.
do $$ begin
  execute format('alter function ledger_follow_instance() set search_path = %I, pg_temp', current_schema());
end $$;

create trigger ledger_follow_new after insert on instances for each row
  when (new.deleted_at is null and (new.state <> 'failed' or new.may_exist)) execute function ledger_follow_instance();
create trigger ledger_follow_changed after update on instances for each row
  when ((old.deleted_at is null and (old.state <> 'failed' or old.may_exist),
      coalesce(old.organisation_id, old.platform_id), old.plan_id, old.offering_id, old.provider_id)
    is distinct from (new.deleted_at is null and (new.state <> 'failed' or new.may_exist),
      coalesce(new.organisation_id, new.platform_id), new.plan_id, new.offering_id, new.provider_id))
  execute function ledger_follow_instance();
create trigger ledger_follow_removed after delete on instances for each row
  when (old.deleted_at is null and (old.state <> 'failed' or old.may_exist)) execute function ledger_follow_instance();
