-- The tables whose rows a process gives MACs: `kontor key seal-rows` waits until all processes know those of its release.
-- Empty for processes of earlier releases.
alter table vault_processes add column sealed_tables text[] not null default '{}';
