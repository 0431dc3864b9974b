-- access: what may be at a provider holds a place, and all that changes what platforms see has one sequence of dates

-- A failed one that its provider may have all the same: it was being made when a delete came, which did not end well.
alter table instances add may_exist boolean not null default false;
