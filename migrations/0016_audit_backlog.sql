-- What was there before the chain becomes its beginning. Since 0010 each event comes with its own row, and nothing has been
-- linked: a release that links starts when all this is done.
insert into audit_unlinked (event_id) select id from audit_events order by id on conflict do nothing;
