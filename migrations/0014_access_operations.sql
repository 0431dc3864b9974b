-- access: which updates lead to a plan. A migration of its own, as that before.
create index if not exists operations_to_plan on operations (target_plan_id) where target_plan_id is not null and state not in ('succeeded', 'failed');
