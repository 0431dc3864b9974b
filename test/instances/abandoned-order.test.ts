// A platform that gives up waiting deletes what it ordered (OSB 2.17 "Orphan Mitigation"). An order that has not been written by
// then must not be written afterwards: the delete found nothing, and nobody would ever delete it again.
import { request as send } from 'node:http'
import { sql } from 'kysely'
import t from 'tap'
import { openDatabase } from '../../src/db/database.ts'
import { createPlatform } from '../../src/tenancy/create-platform.ts'
import { here, startKontor, until } from '../support/kontor.ts'
import { readRows } from '../faults/invariants.ts'

t.test('an order whose caller went away before it was written is not begun', async (t) => {
  const kontor = await startKontor(t, { worker: false })
  const { simulator } = await kontor.addProvider('nord')
  const small = await kontor.find('nord', 'db', 'small')
  const at = '/v2/service_instances/i'
  const { username, password } = await createPlatform(kontor.running.runtime, 'leaving')
  await kontor.running.runtime.signIn.reload()
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

  const blocker = openDatabase(kontor.databaseUrl, { connections: 2, name: 'blocker' })
  t.teardown(() => blocker.destroy())
  await blocker.transaction().execute(async (tx) => {
    // Reading goes on, writing waits: as when the process is held up just before it writes the order down.
    await sql`lock table operations in exclusive mode`.execute(tx)
    const body = JSON.stringify({ ...small, ...here })
    const leaving = send(`${kontor.url}${at}?accepts_incomplete=true`, {
      method: 'PUT',
      agent: false,
      headers: {
        authorization,
        'x-broker-api-version': '2.17',
        'content-type': 'application/json',
      },
    })
    leaving.on('error', () => {})
    leaving.end(body)
    await until(
      () => waiting(blocker),
      (count) => count === 1,
    )
    const closed = new Promise((resolve) => {
      leaving.once('close', resolve)
    })
    leaving.destroy()
    await closed
    t.equal((await kontor.call('GET', '/healthz')).status, 200)
  })
  await until(
    () => waiting(blocker),
    (count) => count === 0,
  )
  await until(
    () => inTransaction(blocker),
    (count) => count === 0,
  )
  t.strictSame((await readRows(kontor, 'i')).instances, [], 'no row')
  t.equal(simulator.state().requests['provision'], undefined, 'and no call')
  t.equal(
    (await kontor.call('PUT', at, { ...small, ...here })).status,
    201,
    'the next one is taken',
  )
})

async function waiting(db: ReturnType<typeof openDatabase>): Promise<number> {
  const { rows } = await sql<{
    count: number
  }>`select count(*)::int as count from pg_stat_activity where application_name = 'kontor-serve' and wait_event_type = 'Lock' and datname = current_database()`.execute(
    db,
  )
  return rows[0]?.count ?? 0
}

async function inTransaction(db: ReturnType<typeof openDatabase>): Promise<number> {
  const { rows } = await sql<{
    count: number
  }>`select count(*)::int as count from pg_stat_activity where application_name = 'kontor-serve' and state like '%in transaction%' and datname = current_database()`.execute(
    db,
  )
  return rows[0]?.count ?? 0
}
