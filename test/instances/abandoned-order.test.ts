// A platform that stops waiting sends a DELETE (OSB 2.17 "Orphan Mitigation"). If that came before
// the order was committed, it has found nothing, so what the order makes would leak. Such an order
// ends before its call.
import { request as send } from 'node:http'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { openDatabase, type Db } from '../../src/db/database.ts'
import { commandLineCaller } from '../../src/tenancy/caller.ts'
import { createPlatform } from '../../src/tenancy/create-platform.ts'
import { basicAuth } from '../support/basic-auth.ts'
import { here, startKontor, until } from '../support/kontor.ts'
import { readRows } from '../faults/invariants.ts'

t.test('an order whose client disconnects while the order is written', async (t) => {
  const kontor = await startKontor(t, { worker: false })
  const { simulator } = await kontor.addProvider('nord')
  const small = await kontor.find('nord', 'db', 'small')
  const large = await kontor.find('nord', 'db', 'large')
  const at = (id: string) => `/v2/service_instances/${id}`
  const { username, password } = await createPlatform(
    kontor.running.runtime,
    commandLineCaller('test'),
    'leaving',
  )
  await kontor.running.runtime.refresh()
  const authorization = basicAuth(username, password)
  const blocker = openDatabase(kontor.databaseUrl, { connections: 2, name: 'blocker' })
  t.teardown(() => blocker.destroy())

  const leave = async (method: string, path: string, body?: object) => {
    const before = { ...simulator.state().requests }
    const ended = (await endedOperations(blocker)) + 1
    await blocker.transaction().execute(async (tx) => {
      // Reads go on and writes wait, as if the process were paused just before it writes the order.
      await sql`lock table operations in exclusive mode`.execute(tx)
      const leaving = send(`${kontor.url}${path}`, {
        method,
        agent: false,
        headers: {
          authorization,
          'x-broker-api-version': '2.17',
          ...(body && { 'content-type': 'application/json' }),
        },
      })
      leaving.on('error', () => {})
      leaving.end(body && JSON.stringify(body))
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
      () => endedOperations(blocker),
      (count) => count === ended,
    )
    return before
  }
  const mine = (method: string, path: string, body?: object) =>
    kontor.call(method, path, body, { authorization })
  const lastEvent = async (id: string) => {
    const { rows } = await sql`select action, outcome, details->>'reason' as reason
      from audit_events where object_id = ${id} order by id desc limit 1`.execute(blocker)
    return rows[0]
  }

  for (const query of ['', '?accepts_incomplete=true'])
    await t.test(`provisions nothing ${query}`, async (t) => {
      const before = await leave('PUT', `${at('i')}${query}`, { ...small, ...here })
      t.strictSame((await readRows(kontor, 'i')).instances, [], 'no live row')
      t.strictSame(simulator.state().requests, before, 'no call')
      t.strictSame(await lastEvent('i'), {
        action: 'instance.provision',
        outcome: 'failed',
        reason: 'abandoned',
      })
      t.match(await mine('GET', `${at('i')}/last_operation`), {
        body: { state: 'failed', description: /caller went away/ },
      })
    })

  t.equal((await mine('PUT', at('i'), { ...small, ...here })).status, 201, 'the next is accepted')

  await t.test('binds nothing', async (t) => {
    const before = await leave('PUT', `${at('i')}/service_bindings/b`, small)
    t.strictSame((await readRows(kontor, 'i')).bindings, [], 'no live row')
    t.strictSame(simulator.state().requests, before, 'no call')
    t.equal((await mine('PUT', `${at('i')}/service_bindings/b`, small)).status, 201)
  })

  await t.test('changes nothing', async (t) => {
    const change = { service_id: small.service_id, plan_id: large.plan_id }
    const before = await leave('PATCH', at('i'), change)
    t.strictSame(simulator.state().requests, before, 'no call')
    t.match((await readRows(kontor, 'i')).instances, [{ upstream_plan_id: /small/ }])
  })

  await t.test('deletes all the same', async (t) => {
    const query = new URLSearchParams(small).toString()
    await leave('DELETE', `${at('i')}?${query}`)
    t.strictSame((await readRows(kontor, 'i')).instances, [])
    t.strictSame(simulator.state().instances, [])
  })
})

/**
 * Orders of instances, whose first step waits until `open`.
 * @param inlineSeconds  after which a waiting client gets its 202
 */
async function gatedOrders(t: Test, inlineSeconds: string) {
  const reached = Promise.withResolvers<void>()
  const opened = Promise.withResolvers<void>()
  const kontor = await startKontor(t, {
    worker: false,
    environment: { KONTOR_LEASE_SECONDS: '1', KONTOR_INLINE_SECONDS: inlineSeconds },
    hitFailpoint: async (point) => {
      if (point !== 'intent-written') return
      reached.resolve()
      await opened.promise
    },
  })
  const { simulator } = await kontor.addProvider('nord')
  const ids = await kontor.find('nord', 'db')
  const db = openDatabase(kontor.databaseUrl, { connections: 1, name: 'reader' })
  t.teardown(() => db.destroy())
  const { username, password } = await createPlatform(
    kontor.running.runtime,
    commandLineCaller('test'),
    'leaving',
  )
  await kontor.running.runtime.refresh()
  const sent = send(`${kontor.url}/v2/service_instances/i?accepts_incomplete=true`, {
    method: 'PUT',
    agent: false,
    headers: {
      authorization: basicAuth(username, password),
      'x-broker-api-version': '2.17',
      'content-type': 'application/json',
    },
  })
  sent.on('error', () => {})
  const answer = Promise.withResolvers<number | undefined>()
  sent.on('response', ({ statusCode }) => answer.resolve(statusCode))
  sent.end(JSON.stringify({ ...ids, ...here }))
  await reached.promise
  const leave = async () => {
    const closed = new Promise((resolve) => {
      sent.once('close', resolve)
    })
    sent.destroy()
    await closed
    t.equal((await kontor.call('GET', '/healthz')).status, 200)
  }
  const state = async () => {
    const { rows } = await sql<{ state: string; lease_is_over: boolean | null }>`
      select state, lease_until < now() as lease_is_over from operations`.execute(db)
    return rows[0]
  }
  /** Lets the step go on. @returns the state in which it leaves the operation */
  const open = async () => {
    opened.resolve()
    return (await until(state, (row) => row?.state !== 'calling'))?.state
  }
  return { kontor, simulator, answer: answer.promise, leave, state, open }
}

t.test('an order whose client disconnects ends uncalled though its lease is over', async (t) => {
  // The client leaves before the time for its 202, however slow this machine is.
  const { kontor, simulator, leave, state, open } = await gatedOrders(t, '50')
  await leave()
  await until(state, (row) => row?.lease_is_over === true)
  t.equal(await open(), 'failed')
  t.strictSame((await readRows(kontor, 'i')).instances, [], 'no live row')
  t.equal(simulator.state().requests['provision'], undefined, 'no call')
})

t.test('an order goes on if its client had its 202 before it disconnected', async (t) => {
  const { answer, leave, open } = await gatedOrders(t, '0.1')
  t.equal(await answer, 202)
  await leave()
  t.not(await open(), 'failed')
})

async function waiting(db: Db): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from pg_stat_activity
    where application_name = 'kontor-serve' and datname = current_database()
      and wait_event_type = 'Lock'`.execute(db)
  return rows[0]?.count ?? 0
}

async function endedOperations(db: Db): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from operations where state in ('succeeded', 'failed')`.execute(
    db,
  )
  return rows[0]?.count ?? 0
}
