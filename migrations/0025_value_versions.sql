-- Sealed values that change in place carry a version: it is in their additional authenticated data, so that an older
-- value of a row does not open in it. A value that was written with its row has version 0. An older process writes
-- values without a version, in a format of their own, and leaves these columns.
alter table providers add column credentials_version integer not null default 0;
alter table instances
  add column parameters_version integer not null default 0,
  add column extensions_version integer not null default 0;
alter table bindings add column result_version integer not null default 0;

-- The format that a process seals in; null: the process is of a release that knows the first format only.
alter table vault_processes add column value_format smallint;
