-- outside a transaction: which updates lead to a plan
create index concurrently if not exists operations_to_plan on operations (target_plan_id) where target_plan_id is not null and state not in ('succeeded', 'failed');
