-- When a mail that no server takes is given up, which a retry moves; null: three days after it was written.
alter table mails add column give_up_at timestamptz;
-- how often a server had the whole mail and did not say what became of it
alter table mails add column doubts integer not null default 0;
-- a keyed digest of the address of an invitation, by which its mails are counted; no address
alter table mails add column addressee text;

-- Kinds of mail that were written of the order already.
alter table followed_orders add column written text[] not null default '{}';

-- When the credentials of a binding are to be replaced. Null: the provider does not say, or an older release has
-- written the row: a week before they expire.
alter table bindings add column renew_at timestamptz;
