// How many rows an order under a quota reads while it holds the quota's lock.
import { sql } from 'kysely'
import t from 'tap'
import { countTaken } from '../../src/access/quotas/count/store.ts'
import { openDatabase, type Tx } from '../../src/db/database.ts'
import { makeTenants } from '../../src/tenancy/tenants.ts'
import { createDatabase } from '../support/postgres.ts'

const { url } = await createDatabase(t)
const db = openDatabase(url, { connections: 1, name: 'test' })
t.teardown(() => db.destroy())

const idOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const [organisation, below, provider, offering, plan] = [
  idOf(1),
  idOf(2),
  idOf(3),
  idOf(4),
  idOf(5),
]

// A hundred of ten thousand platforms have an owner; every third instance has no organisation of
// its own.
await sql`insert into organisations (id, parent_id, name, display_name, level, created_at, updated_at)
  select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, case when n = 2 then ${organisation}::uuid end, 'o-' || n, 'O', 'land', now(), now() from generate_series(1, 500) n`.execute(
  db,
)
await sql`insert into platforms (id, name, organisation_id, created_at)
  select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'p-' || n, case when n <= 100 then ('00000000-0000-4000-8000-' || lpad((n * 5)::text, 12, '0'))::uuid end, now() from generate_series(1, 10000) n`.execute(
  db,
)
await sql`update platforms set organisation_id = ${below} where name = 'p-7'`.execute(db)
const fill = (count: number) =>
  sql`insert into instances (id, platform_id, instance_id, provider_id, offering_id, plan_id, upstream_id, upstream_service_id, upstream_plan_id, organization_guid, space_guid, organisation_id, state, created_at, updated_at)
  select gen_random_uuid(), ('00000000-0000-4000-8000-' || lpad((n % 10000 + 1)::text, 12, '0'))::uuid, 'i' || n, ${provider}::uuid, ${offering}::uuid, ${plan}::uuid, 'u', 's', 'p', 'o', 's',
    case when n % 3 > 0 then ('00000000-0000-4000-8000-' || lpad((n % 500 + 1)::text, 12, '0'))::uuid end, case when n % 7 = 1 then 'failed' else 'ready' end, now(), now()
  from generate_series(1, ${count}::int) n`.execute(db)

const everything = {
  organisationId: organisation,
  providerId: null,
  offeringId: null,
  planId: null,
}
const known = makeTenants([below, organisation], [idOf(7)])
const scopes = {
  everything,
  'a provider': { ...everything, providerId: provider },
  'a plan': { ...everything, providerId: provider, offeringId: offering, planId: plan },
}

/** How many rows of instances this connection has read, by index or sequentially. */
async function countRead(tx: Tx): Promise<number> {
  const { rows } = await sql<{
    read: number
  }>`select (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as read from pg_stat_xact_user_tables where relname = 'instances'`.execute(
    tx,
  )
  return rows[0]?.read ?? 0
}

t.test('a quota of an organisation reads its own instances, not all', async (t) => {
  // A statement that is prepared while the table is small would keep a plan for a small table.
  await fill(100)
  for (let n = 0; n < 12; n++)
    for (const scope of Object.values(scopes)) await countTaken(db, scope, known, 1_000)
  await sql`delete from instances`.execute(db)
  await fill(60_000)
  await sql`analyze`.execute(db)
  const {
    rows: [expected],
  } = await sql<{
    count: number
  }>`select count(*)::int as count from instances where state <> 'failed'
    and (organisation_id in (${organisation}, ${below}) or (organisation_id is null and platform_id in (select id from platforms where organisation_id in (${organisation}, ${below}))))`.execute(
    db,
  )
  t.ok((expected?.count ?? 0) > 100)
  for (const [name, scope] of Object.entries(scopes)) {
    await db.transaction().execute(async (tx) => {
      const before = await countRead(tx)
      t.equal(await countTaken(tx, scope, known, 1_000_000), expected?.count, name)
      const read = (await countRead(tx)) - before
      // Failed instances are read, too.
      t.ok(read < (expected?.count ?? 0) * 2, `${name}: ${read}`)
    })
  }
  t.equal(await countTaken(db, everything, known, 50), 50, 'counting stops at the maximum')
})

t.test('what the tables do not hold any more goes on to count', async (t) => {
  const stored = await countTaken(db, everything, known, 1_000_000)
  for (const moved of [
    makeTenants([below, organisation, idOf(9)], [idOf(7)]),
    makeTenants([below, organisation], [idOf(7), idOf(9)]),
  ])
    t.ok((await countTaken(db, everything, moved, 1_000_000)) > stored)
})
