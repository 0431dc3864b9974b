// A process whose heartbeat fails stops sealing well before the others count it as gone.
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import t, { type Test } from 'tap'
import { openDatabase, type Db } from '../../src/db/database.ts'
import { BrokerError } from '../../src/errors.ts'
import { createLog } from '../../src/log.ts'
import { openLiveKeyRing, type LiveKeyRing } from '../../src/vault/live-key-ring.ts'
import { parseKeyRing, type KeyRing } from '../../src/vault/key-ring.ts'
import { openLease } from '../../src/vault/lease.ts'
import { until } from '../support/kontor.ts'
import { createDatabase } from '../support/postgres.ts'

t.setTimeout(110_000)
t.jobs = 3

const k1 = `k1:${randomBytes(32).toString('base64')}`

async function openKeys(
  t: Test,
  read: () => Promise<KeyRing>,
): Promise<{ readonly keys: LiveKeyRing; readonly client: pg.Client; readonly db: Db }> {
  const { url } = await createDatabase(t)
  const db = openDatabase(url, { connections: 3, name: 'kontor-test' })
  t.teardown(() => db.destroy())
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  return { keys: await openLiveKeyRing({ db, log: createLog('silent'), read }), client, db }
}

/** The error code when the vault does not seal; undefined when it seals. */
function refusal({ vault }: LiveKeyRing): string | undefined {
  try {
    vault.seal('secret', ['instances', 'parameters', '', ''])
    return undefined
  } catch (error) {
    return error instanceof BrokerError ? error.code : 'another'
  }
}

t.test('a lease expires as soon as either clock exceeds it', async (t) => {
  let now = { steadyMs: 1_000, wallMs: 50_000 }
  const lease = openLease(10_000, () => now)
  t.equal(lease.isGood(), false, 'before the first heartbeat')
  lease.renew(now)
  now = { steadyMs: 10_999, wallMs: 59_999 }
  t.equal(lease.isGood(), true)
  now = { steadyMs: 1_001, wallMs: 60_000 }
  t.equal(lease.isGood(), false, 'the machine was suspended')
  now = { steadyMs: 11_000, wallMs: 0 }
  t.equal(lease.isGood(), false, 'the wall clock was set back')
  lease.renew(now)
  lease.renew({ steadyMs: 2_000, wallMs: 0 })
  t.equal(lease.isGood(), true, 'a late answer to an earlier heartbeat does not shorten it')
  lease.end()
  t.equal(lease.isGood(), false)
})

t.test(
  'a process without heartbeat seals nothing and starts no work until the heartbeat succeeds again',
  async (t) => {
    const { keys, client } = await openKeys(t, () => Promise.resolve(parseKeyRing(k1)))
    t.equal(refusal(keys), undefined)
    await client.query('begin')
    await client.query('lock table vault_processes in exclusive mode')
    const since = performance.now()
    t.equal(
      await until(
        () => refusal(keys),
        (seen) => seen !== undefined,
      ),
      'unavailable',
    )
    t.ok(performance.now() - since < 12_000, 'well before the others count it as gone, after 20 s')
    t.equal(keys.isComplete(), false)
    await client.query('rollback')
    await until(
      () => refusal(keys),
      (seen) => seen === undefined,
    )
    t.equal(keys.isComplete(), true)
    await keys.close()
    t.equal(refusal(keys), 'unavailable', 'a closed process sends no heartbeat')
  },
)

t.test('a key file on a hanging mount stops neither the heartbeat nor the shutdown', async (t) => {
  let reads = 0
  const { keys, client } = await openKeys(t, () =>
    ++reads === 1 ? Promise.resolve(parseKeyRing(k1)) : new Promise(() => {}),
  )
  const age = async () =>
    (
      await client.query<{ ms: number }>(
        `select (extract(epoch from clock_timestamp() - seen_at) * 1000)::float8 as ms
         from vault_processes`,
      )
    ).rows[0]?.ms ?? 0
  const since = performance.now()
  const oldest = await until(age, (ms) => ms > 6_000 || performance.now() - since > 9_000)
  t.ok(oldest < 6_000, `${oldest}`)
  t.equal(refusal(keys), undefined)
  t.equal(reads, 2, 'a hanging read is not repeated, which would occupy another thread each time')
  const stopping = performance.now()
  await keys.close()
  t.ok(performance.now() - stopping < 7_000)
  t.strictSame((await client.query('select from vault_processes')).rowCount, 0)
})
