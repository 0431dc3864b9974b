-- A catalog that a provider sent and Kontor did not publish, because it would withdraw what is in use: at most one for
-- each provider, until the plans come back or an operator decides.
create table catalog_quarantines (
  provider_id uuid primary key references providers (id) on delete cascade,
  reason text not null check (reason in ('empty', 'ids_changed', 'plans_lost')),
  -- of what would be lost, which an operator decides about; another loss is judged anew
  lost_digest bytea not null,
  since timestamptz not null,
  -- what would be withdrawn, ids that changed under the same name, findings; capped
  details jsonb not null,
  decision text check (decision in ('confirmed', 'rejected')),
  decided_at timestamptz
);
