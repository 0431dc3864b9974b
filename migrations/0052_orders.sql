-- What people order themselves, in the console and at /api/orders.

-- Each organisation has one platform of kind console, through which its people order. It takes no credentials.
alter table platforms drop constraint platforms_kind_check;
alter table platforms add constraint platforms_kind_check
  check (kind in ('cloudfoundry', 'kubernetes', 'other', 'console'));
create unique index platforms_console on platforms (organisation_id) where kind = 'console';

create table orders (
  id uuid primary key,
  -- what people read out
  number text not null unique,
  organisation_id uuid not null references organisations (id),
  -- who made the draft
  person_id uuid not null references people (id),
  -- how it goes on after that is read from the operations of its instance, never copied
  state text not null default 'draft' check (state in ('draft', 'submitted', 'discarded')),
  offering_id uuid not null,
  plan_id uuid not null,
  -- names, price and terms as they were shown
  shown jsonb not null,
  shown_at timestamptz not null,
  -- chosen with the draft, so that a repetition is the same instance: the platform's id of it
  instance_id text not null unique,
  instance_name text,
  -- sealed
  parameters bytea,
  -- each write of the parameters raises it
  parameters_version integer not null default 0,
  purpose text,
  cost_centre text,
  protection_need text check (protection_need in ('normal', 'hoch', 'sehr_hoch')),
  beneficiary_id uuid not null references organisations (id),
  invoice_recipient_id uuid not null references organisations (id),
  -- the Idempotency-Key of the request that made it, and the keyed digest of that request
  request_key text,
  request_digest bytea,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  submitted_at timestamptz,
  submitted_by uuid references people (id),
  -- when it is carried out unless a process is at it: null before it is submitted, and when it is done
  due_at timestamptz,
  -- each claim raises it
  claims integer not null default 0,
  -- when its instance ends, because it was cancelled
  end_at timestamptz,
  ended_by uuid references people (id),
  -- when that is carried out unless a process is at it
  end_due_at timestamptz
);
create index orders_of_organisation on orders (organisation_id, id);
create index orders_of_beneficiary on orders (beneficiary_id, id);
create unique index orders_by_request on orders (person_id, request_key) where request_key is not null;
create index orders_drafts on orders (changed_at) where state <> 'submitted';
create index orders_due on orders (due_at) where due_at is not null;
create index orders_ending on orders (end_due_at) where end_due_at is not null;

-- What was done with an order, and by whom. Only ever added to; it goes with its order.
create table order_events (
  id uuid primary key,
  order_id uuid not null references orders (id) on delete cascade,
  at timestamptz not null,
  -- null: Kontor itself
  person_id uuid references people (id),
  kind text not null,
  details jsonb not null default '{}',
  -- the Idempotency-Key of the request, and the keyed digest of that request
  request_key text,
  request_digest bytea
);
create index order_events_of_order on order_events (order_id, id);
create unique index order_events_by_request on order_events (order_id, request_key) where request_key is not null;
