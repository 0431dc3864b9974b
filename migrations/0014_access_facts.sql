-- access: what may be at a provider holds a place, and all that changes what platforms see has one sequence of dates

-- A failed one that its provider may have all the same: it was being made when a delete came, which did not end well.
alter table instances add may_exist boolean not null default false;

-- Whether those who serve show what no rule names; null: nobody has said so yet.
alter table catalog_revision add open_by_default boolean;

-- With rules, who belongs to whom decides what platforms see: each such change gets a later second than all before, as a
-- new revision does. Without rules it makes no difference, and many changes at once would put the date into the future for nothing.
create function catalogs_may_differ () returns trigger language plpgsql as $$
begin
  -- Whoever writes the first rule at this moment has this row locked, or waits until we are through.
  perform 1 from catalog_revision for update;
  if exists (select from visibility_rules) then
    update catalog_revision set changed_at = greatest(clock_timestamp(), date_trunc('second', changed_at) + interval '1 second');
  end if;
  return null;
end $$;
create trigger catalogs_may_differ_by_new after insert on organisations for each row when (new.parent_id is not null) execute function catalogs_may_differ();
create trigger catalogs_may_differ after update on organisations for each row
  when ((old.parent_id, old.level, old.state) is distinct from (new.parent_id, new.level, new.state)) execute function catalogs_may_differ();
create trigger catalogs_may_differ after update on platforms for each row
  when (old.organisation_id is distinct from new.organisation_id) execute function catalogs_may_differ();
create trigger catalogs_may_differ_by_new after insert on organisation_mappings for each row execute function catalogs_may_differ();
create trigger catalogs_may_differ after update on organisation_mappings for each row
  when (old.organisation_id is distinct from new.organisation_id) execute function catalogs_may_differ();
create trigger catalogs_may_differ_by_end after delete on organisation_mappings for each statement execute function catalogs_may_differ();
