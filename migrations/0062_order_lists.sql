-- outside a transaction: orders and drafts of a person, built while people order
create index concurrently if not exists orders_of_person on orders (person_id, id);
create index concurrently if not exists orders_drafts_of_person on orders (person_id) where state = 'draft';
