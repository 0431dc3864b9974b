-- What people say of an instance, and no platform or provider knows: labels, who cares for it, who pays for it.
create table instance_labels (
  instance_key uuid primary key references instances (id),
  labels jsonb not null default '{}' check (jsonb_typeof(labels) = 'object'),
  -- a person, or else a text
  owner_id uuid,
  owner text,
  cost_centre text,
  updated_at timestamptz not null
);
create index instance_labels_of_label on instance_labels using gin (labels);
