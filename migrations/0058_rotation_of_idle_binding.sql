-- Whether no operation of a binding is unfinished, at the end of the statement that writes the rotation that replaces it:
-- as `assert_unchanged`, it sees what is committed now, though the statement may have waited for another order since it
-- began. No constraint keeps operations of two bindings apart.
create function assert_idle (instance uuid, binding uuid)
returns boolean language plpgsql volatile as $$
begin
  if exists (select from operations where instance_key = instance and binding_key = binding
      and state not in ('succeeded', 'failed')) then
    raise exception 'The order was decided on a binding that has an operation now.' using errcode = 'KO001';
  end if;
  return true;
end $$;
