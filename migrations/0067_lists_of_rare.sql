-- outside a transaction: lists with filters that little or nothing fits; what goes well pays for none of these
create index concurrently if not exists operations_failed_of_instance on operations (instance_key, binding_key) where state = 'failed' and kind <> 'update';
create index concurrently if not exists instances_gone on instances (id) where deleted_at is not null;
create index concurrently if not exists bindings_expiring on bindings (expires_at) where deleted_at is null and expires_at is not null;
create index concurrently if not exists audit_events_of_rare_action on audit_events (action, at, id) where action not in ('instance.provision', 'instance.update', 'instance.deprovision', 'binding.bind', 'binding.unbind', 'provision', 'update', 'deprovision', 'bind', 'unbind');
create index concurrently if not exists audit_events_of_rare_outcome on audit_events (outcome, at, id) where outcome not in ('succeeded', 'accepted');
