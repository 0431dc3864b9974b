-- outside a transaction: due operations of one platform at a provider, behind many of another
create index concurrently if not exists operations_due_of_platform on operations (provider_id, platform_id, (coalesce(lease_until, next_step_at))) where state not in ('succeeded', 'failed', 'parked');
