-- outside a transaction: how long the last orders of a plan took, built while instances are ordered
create index concurrently if not exists instances_of_plan on instances (plan_id, id);
