// What a quota counts, by the ledger: as many as there are rows, and without reading them.
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { sql } from 'kysely'
import t from 'tap'
import { countTaken } from '../../src/access/quotas/count/store.ts'
import { openDatabase, type DbOrTx, type Tx } from '../../src/db/database.ts'
import { checkAccounts } from '../../src/ledger/check.ts'
import { postEntries } from '../../src/ledger/post.ts'
import { claimCheck, correctAccounts, postUnposted } from '../../src/ledger/store.ts'
import { makeTenants, noTenants } from '../../src/tenancy/tenants.ts'
import { createDatabase } from '../support/postgres.ts'
import { LedgerModel, type Place } from './ledger-model.ts'

const { url } = await createDatabase(t)
const db = openDatabase(url, { connections: 8, name: 'test' })
t.teardown(() => db.destroy())

const none = { organisationId: null, providerId: null, offeringId: null, planId: null }

async function addOrganisation(parent: string | null): Promise<string> {
  const id = randomUUID()
  await sql`insert into organisations (id, parent_id, name, display_name, level, created_at, updated_at)
    values (${id}, ${parent}, ${id}, 'O', 'land', now(), now())`.execute(db)
  return id
}

async function addPlatform(owner: string | null): Promise<string> {
  const id = randomUUID()
  await sql`insert into platforms (id, name, organisation_id, created_at)
    values (${id}, ${id}, ${owner}, now())`.execute(db)
  return id
}

const newPlace = (organisationId: string | null, platformId: string): Place => ({
  organisationId,
  platformId,
  providerId: randomUUID(),
  offeringId: randomUUID(),
  planId: randomUUID(),
})

async function insertInstances(tx: DbOrTx, place: Place, count: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`insert into instances (id, platform_id, instance_id,
      provider_id, offering_id, plan_id, organisation_id, upstream_id, upstream_service_id,
      upstream_plan_id, organization_guid, space_guid, state, created_at, updated_at)
    select gen_random_uuid(), ${place.platformId}, gen_random_uuid(), ${place.providerId},
      ${place.offeringId}, ${place.planId}, ${place.organisationId}, 'u', 's', 'p', 'o', 's',
      'provisioning', now(), now()
    from generate_series(1, ${count}::int) returning id`.execute(tx)
  return rows.map(({ id }) => id)
}

/** How many rows of a table this transaction has read. */
async function countRead(tx: Tx, table: string): Promise<number> {
  const { rows } = await sql<{ read: number }>`
    select (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as read
    from pg_stat_xact_user_tables where relname = ${table}`.execute(tx)
  return rows[0]?.read ?? 0
}

t.test('a quota reads one account for each holder, and no instance', async (t) => {
  const root = await addOrganisation(null)
  const below = await addOrganisation(root)
  const place = newPlace(below, await addPlatform(below))
  const { providerId, offeringId, planId } = place
  await insertInstances(db, place, 5_000)
  await insertInstances(db, { ...place, organisationId: null }, 300)
  for (let n = 0; n < 300; n++)
    await insertInstances(db, newPlace(randomUUID(), place.platformId), 1)
  while (await postEntries(db));
  for (const [name, quota] of Object.entries({
    'of a provider': { ...none, providerId },
    'of an organisation': { ...none, organisationId: root },
    'of both': { ...none, organisationId: root, providerId },
    'of a plan': { organisationId: root, providerId, offeringId, planId },
  }))
    await db.transaction().execute(async (tx) => {
      const count = async () => [
        await countRead(tx, 'instances'),
        await countRead(tx, 'ledger_balances'),
      ]
      const before = await count()
      t.equal(await countTaken(tx, quota, noTenants), 5_300, name)
      const [instances = 0, read = 0] = (await count()).map((each, n) => each - (before[n] ?? 0))
      t.equal(instances, 0, name)
      // Both readings of the two organisations and their platform.
      t.ok(read > 0 && read <= 6, `${name}: ${read}`)
    })
})

t.test('what the tables do not hold any more goes on to count', async (t) => {
  const root = await addOrganisation(null)
  const moved = await addOrganisation(null)
  const movedPlatform = await addPlatform(null)
  await insertInstances(db, newPlace(root, movedPlatform), 1)
  await insertInstances(db, newPlace(moved, movedPlatform), 2)
  await insertInstances(db, newPlace(null, movedPlatform), 4)
  const taken = (...known: [organisations: string[], platforms: string[]]) =>
    countTaken(db, { ...none, organisationId: root }, makeTenants(...known))
  t.equal(await taken([root], []), 1)
  t.equal(await taken([root, moved], []), 3)
  t.equal(await taken([root, moved], [movedPlatform]), 7)
})

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('order'), a: fc.nat(), b: fc.nat() }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'refused order',
        'fail',
        'fail but may exist',
        'ready',
        'delete',
        'forget',
        'adopt',
        'begin change',
        'end change',
        'fail change',
        'move organisation',
        'move platform',
        'post',
        'count',
      ),
      a: fc.nat(),
      b: fc.nat(),
    }),
  },
)

t.test('after any sequence of events the ledger equals a count of the instances', async (t) => {
  const sequence = fc.array(step, { minLength: 10, maxLength: 50 })
  await fc.assert(
    fc.asyncProperty(sequence, fc.nat(), async (steps, seed) => {
      const model = new LedgerModel()
      await model.open({ addOrganisation, addPlatform })
      const compare = async (from: number) => {
        for (let n = 0; n < 12; n++) {
          const quota = model.quotaAt(from + n)
          const taken = await countTaken(db, quota, noTenants)
          if (taken !== model.count(quota))
            throw new Error(`${JSON.stringify(quota)}: ${taken} for ${model.count(quota)}`)
        }
      }
      for (const { do: event, a, b } of steps)
        if (event === 'count') await compare(a)
        else if (event === 'post') await postUnposted(db, (a % 5) + 1)
        else await model.apply(db, event, a, b)
      await compare(seed)
    }),
    // A failure is shrunk no longer than that.
    { numRuns: 15, interruptAfterTimeLimit: 20_000 },
  )
  t.strictSame(await db.transaction().execute(correctAccounts), [], 'nor is there an account more')
})

t.test('no snapshot shows an instance without its entry, nor an entry twice', async (t) => {
  const places = Array.from({ length: 3 }, () => newPlace(randomUUID(), randomUUID()))
  let isOver = false
  const writer = async (n: number) => {
    for (let round = 0; round < 25; round++)
      await db.transaction().execute(async (tx) => {
        const [id] = await insertInstances(tx, places[(n + round) % 3] ?? newPlace(null, ''), 1)
        if (round % 3 === 0)
          await sql`update instances set state = 'failed' where id = ${id}`.execute(tx)
      })
  }
  const until = async (work: () => Promise<unknown>) => {
    while (!isOver) await work()
  }
  const corrections: unknown[] = []
  const others = [
    until(() => postUnposted(db, 7)),
    until(() => postUnposted(db, 7)),
    until(async () => {
      corrections.push(...(await db.transaction().execute(correctAccounts)))
    }),
  ]
  await Promise.all([0, 1, 2, 3].map(writer)).finally(() => {
    isOver = true
  })
  await Promise.all(others)
  t.strictSame(corrections, [])
  const taken = await Promise.all(
    places.map(({ planId, offeringId, providerId }) =>
      countTaken(db, { ...none, providerId, offeringId, planId }, noTenants),
    ),
  )
  t.equal(
    taken.reduce((sum, count) => sum + count),
    64,
  )
})

t.test('a process that compares the ledger is not waited for by another one', async (t) => {
  const later = new Date(Date.now() + 86_400_000)
  await db.transaction().execute(async (tx) => {
    t.ok(await claimCheck(tx, later, new Date()))
    t.equal(await checkAccounts({ db, now: () => later }, 0), undefined)
  })
})
