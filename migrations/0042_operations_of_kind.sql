-- outside a transaction: lists of one kind of operation, of which there are few or none
create index concurrently if not exists operations_of_kind on operations (kind, id);
