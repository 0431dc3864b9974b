-- When the provider took an operation on: from then its time counts. Null: it has not, or nobody saw when.
alter table operations add column sent_at timestamptz;

-- How long asynchronous operations that succeeded took, per plan and kind. Learned in memory and merged into this table
-- from time to time, so a row is written a few times a minute at most, however many orders there are.
create table operation_durations (
  plan_id uuid not null,
  kind text not null check (kind in ('provision', 'update', 'deprovision', 'bind', 'unbind')),
  -- how many have ever been seen
  samples bigint not null,
  -- how many of them the figures stand for: bounded when new ones come, so that old ones fade
  weight double precision not null,
  -- of the natural logarithm of milliseconds
  ln_mean double precision not null,
  ln_variance double precision not null,
  updated_at timestamptz not null,
  primary key (plan_id, kind)
);
