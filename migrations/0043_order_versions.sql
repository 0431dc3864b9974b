-- Whether the rows that an order was decided on are still as it has read them, at the end of the statement that writes
-- its operation: from then on no other operation changes them. The statement itself sees the tables as they were when it
-- began, but it may have waited for another order since; a volatile function sees what is committed now.
create function assert_unchanged (instance uuid, instance_version text, binding uuid, binding_version text)
returns boolean language plpgsql volatile as $$
begin
  if (select xmin::text from instances where id = instance) is distinct from instance_version
    or (select xmin::text from bindings where id = binding) is distinct from binding_version then
    raise exception 'The order was decided on rows that have changed since.' using errcode = 'KO001';
  end if;
  return true;
end $$;
