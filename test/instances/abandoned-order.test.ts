// A platform that stops waiting sends a DELETE (OSB 2.17 "Orphan Mitigation"). An order that is not
// written by then must not be written later: the DELETE has found nothing, so the instance would
// leak.
import { request as send } from 'node:http'
import { sql, type RawBuilder } from 'kysely'
import t from 'tap'
import { openDatabase, type Db } from '../../src/db/database.ts'
import { commandLineCaller } from '../../src/tenancy/caller.ts'
import { createPlatform } from '../../src/tenancy/create-platform.ts'
import { basicAuth } from '../support/basic-auth.ts'
import { here, startKontor, until } from '../support/kontor.ts'
import { readRows } from '../faults/invariants.ts'

t.test(
  'an order whose client disconnects before the order is written is not carried out',
  async (t) => {
    const kontor = await startKontor(t, { worker: false })
    const { simulator } = await kontor.addProvider('nord')
    const small = await kontor.find('nord', 'db', 'small')
    const at = '/v2/service_instances/i'
    const { username, password } = await createPlatform(
      kontor.running.runtime,
      commandLineCaller('test'),
      'leaving',
    )
    await kontor.running.runtime.refresh()
    const authorization = basicAuth(username, password)

    const blocker = openDatabase(kontor.databaseUrl, { connections: 2, name: 'blocker' })
    t.teardown(() => blocker.destroy())
    await blocker.transaction().execute(async (tx) => {
      // Reads go on and writes wait, as if the process were paused just before it writes the order.
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
    t.equal(simulator.state().requests['provision'], undefined, 'no call')
    t.equal(
      (await kontor.call('PUT', at, { ...small, ...here })).status,
      201,
      'the next order is accepted',
    )
  },
)

async function waiting(db: Db): Promise<number> {
  return countConnections(db, sql`wait_event_type = 'Lock'`)
}

async function inTransaction(db: Db): Promise<number> {
  return countConnections(db, sql`state like '%in transaction%'`)
}

async function countConnections(db: Db, condition: RawBuilder<unknown>): Promise<number> {
  const query = sql<{ count: number }>`
    select count(*)::int as count from pg_stat_activity
    where application_name = 'kontor-serve' and datname = current_database() and ${condition}`
  const { rows } = await query.execute(db)
  return rows[0]?.count ?? 0
}
