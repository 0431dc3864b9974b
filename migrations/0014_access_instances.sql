-- outside a transaction: how the instances of an organisation are counted, built while they are ordered
create index concurrently if not exists instances_of_organisation on instances (organisation_id) where deleted_at is null;
-- Ordered before their platform had an organisation: they count for the platform's.
create index concurrently if not exists instances_of_nobody on instances (platform_id) where deleted_at is null and organisation_id is null;
