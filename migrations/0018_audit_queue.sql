-- 0016 queued every event, also those that a process of 0.1 had linked meanwhile. A linked event cannot be linked again,
-- so linking stopped for good.
delete from audit_unlinked using audit_links where audit_links.event_id = audit_unlinked.event_id;
