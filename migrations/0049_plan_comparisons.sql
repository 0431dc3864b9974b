-- Comparisons of plans that an organisation has frozen, as evidence for a procurement: they stay as they were read.
create table plan_comparisons (
  id uuid primary key,
  organisation_id uuid not null references organisations (id),
  created_by text not null,
  created_at timestamptz not null,
  note text,
  -- JSON text, with the keys in order; text, because jsonb would write numbers in another way
  content text not null,
  -- SHA-256 of the content
  digest bytea not null
);
create index plan_comparisons_of_organisation on plan_comparisons (organisation_id, id);
