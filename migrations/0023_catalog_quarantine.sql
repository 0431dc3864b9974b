-- A catalog that a provider sent and Kontor did not publish, because it would withdraw what is in use: at most one for
-- each provider, until the plans come back or an operator decides.
create table catalog_quarantines (
  provider_id uuid primary key references providers (id) on delete cascade,
  reason text not null check (reason in ('empty', 'ids_changed', 'plans_lost')),
  -- of the content that an operator decides about; another content is judged anew
  content_digest bytea not null,
  since timestamptz not null,
  -- what would be withdrawn, and ids that changed under the same name; capped
  details jsonb not null,
  decision text check (decision in ('confirmed', 'rejected')),
  decided_at timestamptz
);
