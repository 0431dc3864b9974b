// Rows as many finished orders leave them, written by Postgres itself.
import type pg from 'pg'

// Audit events have their links at positions before those of the chain. Accounts of the ledger that
// hold nothing belong to organisations that once ordered.
const statements = [
  `with known as (
      select (select array_agg(id order by id) from platforms) as platforms,
        (select array_agg(id order by id) from plans) as plans),
    numbered as (
      select n, platforms[1 + n % cardinality(platforms)] as platform_id,
        plans[1 + n % cardinality(plans)] as plan_id
      from known cross join generate_series($1::int, $2::int) as n)
    insert into instances (id, platform_id, instance_id, provider_id, offering_id, plan_id,
      upstream_id, upstream_service_id, upstream_plan_id, organization_guid, space_guid, context,
      parameters, parameters_digest, state, created_at, updated_at)
    select INSTANCE, platform_id, md5(n::text)::uuid, plan_targets.provider_id, plans.offering_id,
      plans.id, gen_random_uuid(), upstream_service_id, upstream_plan_id, 'org-' || n % 500,
      'space-' || n % 5000, jsonb_build_object('platform', 'cloudfoundry', 'organization_guid',
      'org-' || n % 500), repeat('p', 150)::bytea, sha256(n::text::bytea), 'ready', now(), now()
    from numbered join plans on plans.id = numbered.plan_id
      join plan_targets on plan_targets.plan_id = plans.id
    order by n`,
  // The credentials of every second binding end some time.
  `insert into bindings (id, platform_id, binding_id, instance_key, upstream_id, request,
      request_digest, result, state, created_at, updated_at, expires_at)
    select BINDING, platform_id, md5('b' || n)::uuid, INSTANCE, gen_random_uuid(),
      repeat('r', 100)::bytea, sha256(n::text::bytea), repeat('c', 200)::bytea, 'ready', now(),
      now(), case when n % 8 = 0 then now() + n * interval '1 minute' end
    from generate_series($1::int, $2::int) as n join instances on instances.id = INSTANCE
    where n % 4 = 0`,
  // One instance in 200 was updated last, without success; some could not be deleted once.
  `insert into operations (id, platform_id, provider_id, instance_key, binding_key, instance_id,
      binding_id, kind, state, fencing_token, deadline_at, accepts_incomplete, request_digest,
      created_at, updated_at, finished_at, offering_id, plan_id)
    select OPERATION, platform_id, provider_id, INSTANCE, case when kind = 'bind' then BINDING end,
      instance_id, case when kind = 'bind' then md5('b' || n)::uuid end, kind,
      case when kind in ('update', 'deprovision') then 'failed' else 'succeeded' end, 1, now(), true,
      sha256(n::text::bytea), now(), now(), now(), offering_id, plan_id
    from generate_series($1::int, $2::int) as n join instances on instances.id = INSTANCE
      cross join lateral (values (0, 'provision'), (1, 'bind'), (2, 'update'), (3, 'deprovision'))
        as kinds (turn, kind)
    where kind = 'provision' or kind = 'bind' and n % 4 = 0 or kind = 'update' and n % 200 = 0
      or kind = 'deprovision' and n % FAILED = 0
    order by n, turn`,
  `insert into orphans (id, operation_id, platform_id, provider_id, instance_id, upstream_id,
      upstream_service_id, upstream_plan_id, cause, state, created_at, updated_at, ended_at)
    select ORPHAN, operations.id, operations.platform_id, operations.provider_id,
      operations.instance_id, upstream_id, 's', 'p', 'doubtful_call', 'removed', now(), now(), now()
    from generate_series($1::int, $2::int) as n join instances on instances.id = INSTANCE
      join operations on operations.instance_key = instances.id and kind = 'provision'
    where n % 5 = 0`,
  `with events as (
      insert into audit_events (at, actor, action, object_kind, object_id, outcome, uid,
        platform_id, provider_id, instance_id, mac)
      select now(), 'platform:' || platform_id, 'instance.provision', 'instance', INSTANCE,
        'succeeded', gen_random_uuid(), platform_id, provider_id, instance_id,
        sha256(n::text::bytea)
      from generate_series($1::int, $2::int) as n join instances on instances.id = INSTANCE
      order by n
      returning id, at, mac)
    insert into audit_links (position, event_id, linked_at, event_hash, hash, seal)
    select -id, id, at, mac, mac, mac from events order by id`,
  `insert into orders (id, number, organisation_id, person_id, state, offering_id, plan_id, shown,
      shown_at, instance_id, beneficiary_id, invoice_recipient_id, created_at, changed_at)
    select INSTANCE, 'number ' || n, owner, person, 'submitted', offering_id, plan_id, '{}',
      now(), instance_id, owner, owner, now(), now()
    from generate_series($1::int, $2::int) as n join instances on instances.id = INSTANCE
      cross join lateral (select md5('o' || n % 1000)::uuid as owner,
        md5('p' || n % 1000)::uuid as person) as people`,
  `insert into instance_labels (instance_key, labels, owner, cost_centre, updated_at)
    select INSTANCE, jsonb_build_object('env', 'env' || n % 1000), 'owner' || n % 1000,
      'centre' || n % 1000, now()
    from generate_series($1::int, $2::int) as n`,
  `insert into ledger_entries (id, at, unit, cause, amount, holders, scopes, instance_key)
    select -n, created_at, 'instance', 'reserved', 1, array[platform_id, EVERYTHING],
      array[plan_id, offering_id, provider_id, EVERYTHING], id
    from generate_series($1::int, $2::int) as n join instances on instances.id = INSTANCE`,
  `insert into ledger_balances (unit, scope, holder, balance)
    select 'instance', EVERYTHING, BINDING, 0 from generate_series($1::int, $2::int) as n
    where n % 5 = 0`,
]

const balances = `
  insert into ledger_balances (unit, scope, holder, balance)
  select 'instance', scope, holder, count(*)
  from instances
    cross join unnest(array[platform_id, EVERYTHING]) as holder
    cross join unnest(array[plan_id, offering_id, provider_id, EVERYTHING]) as scope
  where deleted_at is null group by scope, holder
  on conflict (unit, scope, holder) do update set balance = excluded.balance`

// As Kontor makes ids: they begin with the time.
const idOf = (kind: string, number: string) =>
  `(lpad(to_hex(1700000000000 + ${number}), 12, '0') || '700${kind}8000' ||
    lpad(to_hex(${number}), 12, '0'))::uuid`

function complete(statement: string): string {
  return statement
    .replaceAll('INSTANCE', idOf('1', 'n'))
    .replaceAll('BINDING', idOf('2', 'n'))
    .replaceAll('OPERATION', idOf('3', '(4 * n + turn)'))
    .replaceAll('ORPHAN', idOf('4', 'n'))
    .replaceAll('EVERYTHING', `'00000000-0000-0000-0000-000000000000'::uuid`)
}

const batch = 50_000

/**
 * Writes so many instances, spread over the platforms and plans that there are, with all that their
 * orders leave behind. For a client of a superuser, with no Kontor at work.
 * @param failed  one in so many could not be deleted once: with 200 these are few of a million
 */
export async function loadRows(
  client: pg.Client,
  instances: number,
  { failed = 200 }: { readonly failed?: number } = {},
): Promise<void> {
  // Without triggers: links, entries and balances are written here, too.
  await client.query('set session_replication_role = replica')
  for (let first = 1; first <= instances; first += batch) {
    const range = [first, Math.min(instances, first + batch - 1)]
    for (const statement of statements)
      await client.query(complete(statement).replaceAll('FAILED', String(failed)), range)
  }
  await client.query(complete(balances))
  await client.query('set session_replication_role = default')
  await client.query('analyze')
}
