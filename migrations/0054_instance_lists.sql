-- outside a transaction: lists of what organisations and platforms have, newest first, built while instances are ordered
create index concurrently if not exists instances_of_organisation_by_key on instances (organisation_id, id) where deleted_at is null;
create index concurrently if not exists instances_gone_of_organisation on instances (organisation_id, id) where deleted_at is not null;
create index concurrently if not exists instances_of_nobody_by_key on instances (platform_id, id) where deleted_at is null and organisation_id is null;
create index concurrently if not exists instances_gone_of_nobody on instances (platform_id, id) where deleted_at is not null and organisation_id is null;
create index concurrently if not exists instances_of_platform_by_key on instances (platform_id, id) where deleted_at is null;
