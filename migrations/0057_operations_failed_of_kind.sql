-- outside a transaction: lists of failed operations of one kind, of which there are few or none
create index concurrently if not exists operations_failed_of_kind on operations (kind, id) where state = 'failed';
