-- What decides who is let in and what he may do carries a MAC that only processes with the key ring can make. SQL cannot
-- make MACs: until "kontor key seal-rows" has sealed the rows and set the mark, none are made and none are checked.
alter table platforms add column mac bytea;
alter table platform_credentials add column mac bytea;
alter table organisations add column mac bytea;
alter table organisation_mappings add column mac bytea;
alter table visibility_rules add column mac bytea;
alter table quotas add column mac bytea;
alter table providers add column mac bytea;

-- Of each such table the sum of its rows' MACs, so that a row that is deleted or set back is noticed.
create table sealed_sets (
  table_name text primary key,
  -- raised by each change of the table: a running process refuses one that is lower than it has seen
  revision bigint not null,
  digest bytea not null,
  mac bytea not null
);

-- Statements about the whole database that only a process with the key ring can make. "rows-sealed": rows of these
-- tables count only with their MAC.
create table vault_marks (
  name text primary key,
  since timestamptz not null,
  tables text[] not null,
  mac bytea not null
);

-- false for processes of 0.2.0, which write rows without a MAC
alter table vault_processes add column seals_rows boolean not null default false;
