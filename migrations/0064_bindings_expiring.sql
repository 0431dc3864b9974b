-- outside a transaction: bindings that end soon, of which people get mail, built while bindings are ordered
create index concurrently if not exists bindings_expiring on bindings (expires_at) where deleted_at is null and expires_at is not null;
