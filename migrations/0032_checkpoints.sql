-- The newest signed checkpoint of the audit log: of several processes one makes each. An older process knows nothing of it.
create table audit_checkpoint (
  id boolean primary key default true check (id),
  -- tells this database from every other one with the same keys
  database_id uuid not null default gen_random_uuid(),
  -- as it goes to the log; null: none has been made yet
  token text,
  -- false until the process that made it has written it to its file
  is_written boolean not null default false
);
insert into audit_checkpoint default values;
create trigger audit_append_only before delete or truncate on audit_checkpoint for each statement execute function audit_refuse_change();
