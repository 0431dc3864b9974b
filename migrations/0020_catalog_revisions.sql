-- The revision of the catalog in which an offering, or one of its plans, last changed: a process that knows an earlier one
-- reads what has changed since, and nothing else. Triggers set it, because processes of 0.2.0 publish without it. All who
-- publish hold the lock of publications and raise the revision in the same transaction, so the next one is theirs.
alter table offerings add revision bigint not null default 0;
create index offerings_revision on offerings (revision, id);

create function set_offering_revision () returns trigger language plpgsql as $$
begin
  new.revision := (select revision + 1 from catalog_revision);
  return new;
end $$;
create trigger set_offering_revision before insert or update on offerings for each row execute function set_offering_revision();

create function touch_offerings_of_plans () returns trigger language plpgsql as $$
begin
  update offerings set revision = revision where id in (select offering_id from changed_plans);
  return null;
end $$;
create trigger touch_offerings_of_new_plans after insert on plans referencing new table as changed_plans
  for each statement execute function touch_offerings_of_plans();
create trigger touch_offerings_of_changed_plans after update on plans referencing new table as changed_plans
  for each statement execute function touch_offerings_of_plans();
create trigger touch_offerings_of_removed_plans after delete on plans referencing old table as changed_plans
  for each statement execute function touch_offerings_of_plans();
