-- Due operations are taken provider by provider, each as many as it has places for.
drop index operations_due;
create index operations_due on operations (provider_id, (coalesce(lease_until, next_step_at)))
  where state not in ('succeeded', 'failed', 'parked');

-- orphans: what an order may have left at a provider although nobody has it any more. Removed when its time has come.
create table orphans (
  id uuid primary key,
  platform_id uuid not null,
  provider_id uuid not null,
  -- the order that may have left it; nothing is removed while that one is still at work
  operation_id uuid not null references operations (id),
  -- the platform's own ids, for people
  instance_id text not null,
  binding_id text,
  upstream_id text not null,
  upstream_service_id text not null,
  upstream_plan_id text not null,
  upstream_binding_id text,
  --  doubtful_call  a call that got no answer may still arrive
  --  late_call      a process made the call after its claim was lost
  --  held           the provider's policy wants it kept for a while, or until a person has looked
  --  abandoned      an operator gave the operation up
  cause text not null check (cause in ('doubtful_call', 'late_call', 'held', 'abandoned')),
  --  open       to be removed at next_try_at; without one it waits for a person
  --  removed    the provider says that it is gone
  --  void       the order took effect after all: there is nothing to remove
  --  forgotten  an operator decided that it stays
  state text not null default 'open' check (state in ('open', 'removed', 'void', 'forgotten')),
  next_try_at timestamptz,
  -- fencing, as with operations
  attempt integer not null default 0,
  lease_until timestamptz,
  tries integer not null default 0,
  -- "it is gone" is not the last word before this
  quiet_until timestamptz,
  -- what the provider said last
  answer text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  ended_at timestamptz
);
create index orphans_due on orphans (provider_id, (coalesce(lease_until, next_try_at))) where state = 'open';
create index orphans_of_operation on orphans (operation_id);
