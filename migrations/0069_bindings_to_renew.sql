-- outside a transaction: bindings to be renewed, of which people get mail, built while bindings are ordered
create index concurrently if not exists bindings_to_renew on bindings (renew_at) where deleted_at is null and renew_at is not null;
