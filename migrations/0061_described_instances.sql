-- outside a transaction: lists by owner and by cost centre, newest first, built while instances are ordered
create index concurrently if not exists instance_labels_of_owner on instance_labels (owner, instance_key) where owner is not null;
create index concurrently if not exists instance_labels_of_person on instance_labels (owner_id, instance_key) where owner_id is not null;
create index concurrently if not exists instance_labels_of_cost_centre on instance_labels (cost_centre, instance_key) where cost_centre is not null;
