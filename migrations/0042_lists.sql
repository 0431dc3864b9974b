-- outside a transaction: lists with a filter that little or nothing fits
create index concurrently if not exists operations_failed on operations (id) where state = 'failed';
create index concurrently if not exists orphans_in_state on orphans (state, id);
create index concurrently if not exists orphans_by_cause on orphans (cause, id);
