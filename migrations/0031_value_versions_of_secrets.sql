-- Of the digest key the version says whether values in the first format still open: 0 yes, 1 no. It is in the additional
-- authenticated data of the key, so that SQL cannot set it back.
alter table vault_secrets add column version integer not null default 0;
