-- outside a transaction: events are written while these are built
create unique index concurrently if not exists audit_events_uid on audit_events (uid);
create index concurrently if not exists audit_events_by_time on audit_events (at, id);
create index concurrently if not exists audit_events_of_organisation on audit_events (organisation_id, at, id) where organisation_id is not null;
create index concurrently if not exists audit_events_of_object on audit_events (object_kind, object_id, at, id);
create index concurrently if not exists audit_events_of_actor on audit_events (actor, at, id);
