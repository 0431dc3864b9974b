-- How long a body is: the sums over withdrawn plans, at each reading of a catalog, would otherwise fetch every one of
-- these bodies. Generated, because processes of 0.2.0 write bodies, too.
alter table offerings add body_bytes integer not null generated always as (octet_length(body::text)) stored;
alter table plans add body_bytes integer not null generated always as (octet_length(body::text)) stored;
