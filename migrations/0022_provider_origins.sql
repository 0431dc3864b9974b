-- Limits of a provider that belong to operators. Networks and ports that its addresses may have, within
-- KONTOR_PROVIDER_NETWORKS; none: no narrower. Origins that an operator has approved, as URLs: while its registration
-- names another one, the role provider is not shown how calls to it fail, because it could scan networks with that.
alter table providers
  add column allowed_networks text[] not null default '{}',
  add column allowed_ports integer[] not null default '{}',
  add column approved_origins text[] not null default '{}',
  -- that of the token endpoint, which only the sealed credentials name; null: there is none, or the row is older
  add column token_origin text,
  -- from the first time in which the registration named an origin that was not approved, to the end of the last
  add column unapproved_since timestamptz,
  add column unapproved_until timestamptz;

update providers set approved_origins = array[settings ->> 'url'] where settings ->> 'url' is not null;

-- Every catalog is read in full once more, so that rules about names and texts apply to what is published already.
update provider_catalogs set etag = null, last_modified = null;
