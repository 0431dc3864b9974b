// One statement writes an order, and one ends a step: the row of the operation, its effect on the
// instance or the binding, and the audit event. Either must be as safe as a transaction when it
// waits for another writer.
import pg from 'pg'
import t, { type Test } from 'tap'
import { claimOldest } from '../../src/operations/claims/due/store.ts'
import { endStep, type StepEnd } from '../../src/operations/results/store.ts'
import { here, startKontor, until } from '../support/kontor.ts'

async function endAsDelete(client: pg.Client, id: string): Promise<void> {
  await client.query(`update operations set state = 'succeeded' where state = 'waiting'`)
  await client.query(
    `update instances set state = 'gone', deleted_at = now() where instance_id = $1`,
    [id],
  )
}

const at = (id: string) => `/v2/service_instances/${id}`

async function build(t: Test) {
  const kontor = await startKontor(t, { worker: false })
  const { simulator } = await kontor.addProvider('nord')
  const ids = await kontor.find('nord', 'db')
  const client = new pg.Client({ connectionString: kontor.databaseUrl })
  await client.connect()
  t.teardown(() => client.end())
  /** Orders an instance, and runs `write` while the provider works on it. */
  const orderBeside = async (id: string, write: string) => {
    simulator.faults.add({ on: 'provision', when: 'after', do: { delayMs: 300 } })
    const before = simulator.state().requests['provision'] ?? 0
    const order = kontor.call('PUT', at(id), { ...ids, ...here })
    await until(
      () => simulator.state().requests['provision'],
      (count) => count === before + 1,
    )
    await client.query('begin')
    const { rowCount } = await client.query(write, [id])
    t.equal(rowCount, 1)
    await oneWaits()
    await client.query('commit')
    return await order
  }
  const waiting = (wanted: number) =>
    until(
      () =>
        client.query(
          `select from pg_stat_activity where datname = current_database()
            and wait_event_type = 'Lock'`,
        ),
      ({ rowCount }) => rowCount === wanted,
    )
  const oneWaits = () => waiting(1)
  const read = async (query: string, id: string) => (await client.query(query, [id])).rows
  return { kontor, simulator, ids, client, waiting, oneWaits, orderBeside, read }
}

const states = `select instances.state as instance, operations.state as operation
  from instances join operations on operations.instance_key = instances.id
  where instances.instance_id = $1`
const another = `insert into operations
  select (jsonb_populate_record(operations, jsonb_build_object(
    'id', gen_random_uuid(), 'state', 'waiting', 'finished_at', null))).*
  from operations where instance_id = $1 and kind = 'provision' limit 1`
const outcomes = `select outcome from audit_events where object_id = $1`

t.test('a statement that waits for another writer', async (t) => {
  const { kontor, simulator, ids, client, waiting, oneWaits, orderBeside, read } = await build(t)

  await t.test('of the instance ends a step all the same', async (t) => {
    const write = `update instances set identity_mac = identity_mac where instance_id = $1`
    const reply = await orderBeside('a', write)
    t.equal(reply.status, 201, reply.text)
    t.strictSame(await read(states, 'a'), [{ instance: 'ready', operation: 'succeeded' }])
    t.strictSame(await read(outcomes, 'a'), [{ outcome: 'succeeded' }])
  })

  await t.test('that takes its claim away ends nothing', async (t) => {
    const write = `update operations set fencing_token = fencing_token + 1, state = 'uncertain'
      where instance_id = $1`
    const reply = await orderBeside('b', write)
    t.equal(reply.status, 503, reply.text)
    t.strictSame(await read(states, 'b'), [{ instance: 'provisioning', operation: 'uncertain' }])
    // That the call was made after the claim was lost is all that is recorded.
    t.strictSame(await read(outcomes, 'b'), [{ outcome: 'unknown' }])
  })

  await t.test('that makes its order out of date writes no order', async (t) => {
    t.equal((await kontor.call('PUT', at('c'), { ...ids, ...here })).status, 201)
    await client.query('begin')
    await client.query(another, ['c'])
    const order = kontor.call('DELETE', `${at('c')}?${new URLSearchParams(ids).toString()}`)
    await oneWaits()
    // As a delete that ends while this one waits for it.
    await endAsDelete(client, 'c')
    await client.query('commit')
    t.equal((await order).status, 410)
    t.equal(simulator.state().requests['deprovision'], undefined, 'no call')
    t.strictSame(
      await read(`select from operations where instance_id = $1 and kind = 'deprovision'`, 'c'),
      [],
    )
  })

  await t.test('that ends or unbinds what a rotation replaces writes no rotation', async (t) => {
    t.equal((await kontor.call('PUT', at('r'), { ...ids, ...here })).status, 201)
    t.equal((await kontor.call('PUT', `${at('r')}/service_bindings/old`, ids)).status, 201)
    const rotateBeside = async (id: string, write: string) => {
      await client.query('begin')
      await client.query(another, ['r'])
      const order = kontor.call('PUT', `${at('r')}/service_bindings/${id}`, {
        predecessor_binding_id: 'old',
      })
      await oneWaits()
      await client.query(`update operations set state = 'succeeded' where state = 'waiting'`)
      await client.query(write)
      await client.query('commit')
      const { status, body } = await order
      return [status, body.error ?? body.description]
    }
    const unbinding = `update operations set kind = 'unbind', state = 'waiting'
      where binding_id = 'old'`
    t.strictSame(await rotateBeside('next', unbinding), [422, 'ConcurrencyError'])
    await client.query(`update operations set state = 'succeeded' where state = 'waiting'`)
    const gone = `update bindings set state = 'gone', deleted_at = now()
      where binding_id = 'old'`
    t.strictSame(await rotateBeside('next', gone), [
      400,
      'predecessor_binding_id names no binding of this instance.',
    ])
    t.equal(simulator.state().requests['bind'], 1, 'no call')
    t.strictSame(await read(`select from bindings where binding_id = $1`, 'next'), [])
  })

  await t.test('lets a delete that reads the instance meanwhile find none', async (t) => {
    t.equal((await kontor.call('PUT', at('d'), { ...ids, ...here })).status, 201)
    await client.query(another, ['d'])
    const next = new pg.Client({ connectionString: kontor.databaseUrl })
    await next.connect()
    t.teardown(() => next.end())
    // The first query of the order runs between the two locks, the second one after both.
    await client.query('begin; lock table operations in access exclusive mode')
    const order = kontor.call('DELETE', `${at('d')}?${new URLSearchParams(ids).toString()}`)
    await waiting(1)
    const locked = next.query('begin; lock table operations in access exclusive mode')
    await waiting(2)
    await client.query('commit')
    await locked
    await waiting(1)
    await endAsDelete(next, 'd')
    await next.query('commit')
    t.equal((await order).status, 410)
    t.equal(simulator.state().requests['deprovision'], undefined, 'no call')
  })

  await t.test('the history of an operation keeps what says most', async (t) => {
    t.equal((await kontor.call('PUT', at('h'), { ...ids, ...here })).status, 201)
    await client.query(another, ['h'])
    const { db } = kontor.running.runtime
    const times = { leaseMs: 60_000, inDoubtMs: 60_000 }
    const now = new Date()
    const set = (to: string) =>
      client.query(`update operations set ${to} where instance_id = 'h' and finished_at is null`)
    const claimed = async () => {
      await set(`next_step_at = now() - interval '1 min', lease_until = null`)
      const { rows } = await client.query(`select id from providers`)
      const free = new Map(rows.map(({ id }) => [id, 5]))
      const [operation] = await claimOldest(db, free, now, times)
      if (operation === undefined) throw new Error('Nothing was due.')
      return operation
    }
    const step = async (end: Pick<StepEnd, 'state' | 'retries'>) => {
      const rest = { nextStepAt: now, finishedAt: null }
      t.ok(await endStep(db, await claimed(), { ...end, ...rest }, now))
    }
    const codes = async () => {
      const query = `select history from operations where instance_id = $1 and finished_at is null`
      const [row] = await read(query, 'h')
      return row.history.map(({ code }: { code: string }) => code)
    }
    for (const retries of [1, 1, 1, 2]) await step({ state: 'waiting', retries })
    t.strictSame(await codes(), ['repeated'], 'a step that waits for the circuit repeats nothing')
    const many = (code: string, times: number) =>
      set(`history = (select jsonb_agg('{"code": "${code}"}'::jsonb)
        from generate_series(1, ${times}))`)
    await many('repeated', 30)
    await step({ state: 'uncertain', retries: 0 })
    await set(`state = 'calling'`)
    await claimed()
    const kept = await codes()
    t.equal(kept.length, 30)
    t.strictSame(kept.slice(-3), ['repeated', 'in-doubt', 'in-doubt'])
    await many('parked', 200)
    await set(`state = 'calling'`)
    await claimed()
    const capped = await codes()
    t.strictSame([capped.length, capped.at(-2), capped.at(-1)], [200, 'parked', 'in-doubt'])
  })
})
