-- Digest keys have numbers: the first is 1, and "kontor key rotate --all" makes the next. A process makes digests with the
-- newest key that all running processes know, so that each can check what the others make. Null: the process is of a
-- release that knows the first key only.
alter table vault_processes
  add column newest_digest_key integer,
  add column digest_key integer;
