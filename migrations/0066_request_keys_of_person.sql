-- The Idempotency-Key of a request belongs to the person who sent it, as that of a draft does.
drop index order_events_by_request;
create unique index order_events_by_request on order_events (order_id, person_id, request_key) where request_key is not null;
