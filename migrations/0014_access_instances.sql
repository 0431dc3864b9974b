-- access: how the instances of an organisation are counted. A migration of its own, that alters nothing: orders wait until
-- the table has been read, and whoever only reads does not.
create index if not exists instances_of_organisation on instances (organisation_id) where deleted_at is null;
-- Ordered before their platform had an organisation: they count for the platform's.
create index instances_of_nobody on instances (platform_id) where deleted_at is null and organisation_id is null;
