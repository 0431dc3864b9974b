-- The trigger touches the offerings of changed plans by their ids. With `in (select ...)` Postgres read the offerings of all
-- providers, as long as it did not know yet how many they are. The triggers, and the rights to the function, stay as they are.
create or replace function touch_offerings_of_plans () returns trigger language plpgsql as $$
begin
  update offerings set revision = revision where id = any(array(select distinct offering_id from changed_plans));
  return null;
end $$;
