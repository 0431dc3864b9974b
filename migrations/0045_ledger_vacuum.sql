-- Entries come and go here, and orders under a quota read the table: removed ones must not wait for a fifth of it.
alter table ledger_unposted set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
