// What the mitigation policy of a provider does with what a failed order has left there.
import pg from 'pg'
import t, { type Test } from 'tap'
import { here, startKontor, until } from '../support/kontor.ts'
import { settled } from './invariants.ts'

const at = (id: string) => `/v2/service_instances/${id}`

async function providerWith(
  t: Test,
  policy: Record<string, unknown>,
  environment: Record<string, string> = {},
) {
  const kontor = await startKontor(t, { environment })
  const { view, simulator } = await kontor.addProvider('nord')
  t.equal((await kontor.admin('PATCH', `/api/providers/${view.id}`, policy)).status, 200)
  const ids = await kontor.find('nord', 'db', 'small')
  const orphans = async (state = 'open') =>
    (await kontor.admin('GET', `/api/orphans?state=${state}`)).body.items as Array<{
      id: string
      cause: string
    }>
  return { ...kontor, kontor, simulator, ids, orphans }
}

t.test(
  'retain: the order fails at once, what it created stays for a while and is then removed',
  async (t) => {
    const { call, simulator, ids, orphans, kontor } = await providerWith(t, {
      mitigation: 'retain',
      mitigationRetainHours: 6 / 3_600,
    })
    simulator.faults.add({ on: 'provision', when: 'after', do: { status: 500 } })
    t.equal((await call('PUT', at('i'), { ...ids, ...here })).status, 502)
    t.equal(simulator.state().instances.length, 1, 'an operator may look at it')
    t.match(await orphans(), [{ cause: 'retained' }])
    t.equal(
      (await call('PUT', at('i'), { ...ids, ...here })).status,
      201,
      'the same order again works',
    )
    t.equal(simulator.state().instances.length, 2)
    await settled(kontor)
    t.equal(simulator.state().instances.length, 1, 'the one that is ready')
    t.match(await call('GET', at('i')), { status: 200 })
    t.match(await orphans('removed'), [{ cause: 'retained' }])
  },
)

t.test('manual: it stays until an operator has it removed', async (t) => {
  const { call, simulator, ids, orphans, admin } = await providerWith(t, { mitigation: 'manual' })
  simulator.faults.add({ on: 'provision', when: 'after', do: { status: 500 } })
  t.equal((await call('PUT', at('i'), { ...ids, ...here })).status, 502)
  const [orphan] = await orphans()
  t.match(orphan, { cause: 'retained', nextRetryAt: null })
  t.equal(simulator.state().instances.length, 1)
  t.equal(
    (await admin('POST', `/api/orphans/${String(orphan?.id)}/remove`, { reason: 'seen' })).status,
    200,
  )
  await until(
    () => simulator.state().instances.length,
    (count) => count === 0,
  )
  await until(
    () => orphans('removed'),
    (removed) => removed.length === 1,
  )
})

t.test('a stop lets a removal under way end', async (t) => {
  const { call, simulator, ids, orphans, admin, kontor } = await providerWith(
    t,
    { mitigation: 'manual' },
    { KONTOR_DRAIN_SECONDS: '10' },
  )
  simulator.faults.add({ on: 'provision', when: 'after', do: { status: 500 } })
  t.equal((await call('PUT', at('i'), { ...ids, ...here })).status, 502)
  const [orphan] = await orphans()
  simulator.faults.add({ on: 'deprovision', do: { delayMs: 500 } })
  await admin('POST', `/api/orphans/${String(orphan?.id)}/remove`, { reason: 'seen' })
  await until(
    () => simulator.state().requests['deprovision'],
    (count) => count === 1,
  )
  await kontor.running.stop()
  t.strictSame(simulator.state().instances, [])
  const client = new pg.Client({ connectionString: kontor.databaseUrl })
  await client.connect()
  const { rows } = await client.query('select id, state from orphans')
  await client.end()
  t.strictSame(rows, [{ id: orphan?.id, state: 'removed' }], 'no process needs to repeat it')
})

t.test("manual: the platform's own delete is not held back", async (t) => {
  const { call, simulator, ids, orphans, kontor } = await providerWith(t, { mitigation: 'manual' })
  simulator.faults.add({ on: 'provision', do: { delayMs: 2_500 } })
  simulator.faults.add({ on: 'provision', when: 'after', do: { status: 500 } })
  const path = `${at('i')}?accepts_incomplete=true`
  t.equal((await call('PUT', path, { ...ids, ...here })).status, 202)
  await until(
    () => call('GET', `${at('i')}/last_operation`),
    ({ body }) => body.state === 'failed',
  )
  t.match(await orphans(), [{ cause: 'retained' }])
  t.equal(
    (await call('DELETE', `${at('i')}?service_id=${ids.service_id}&plan_id=${ids.plan_id}`)).status,
    200,
  )
  t.strictSame(simulator.state().instances, [])
  await settled(kontor)
  await until(
    () => orphans('removed'),
    (removed) => removed.length === 1,
  )
})

t.test('an update that got no answer leads to no delete, whatever the policy', async (t) => {
  const { call, simulator, ids, orphans, kontor } = await providerWith(t, { mitigation: 'manual' })
  t.equal((await call('PUT', at('i'), { ...ids, ...here })).status, 201)
  simulator.faults.add({ on: 'update', when: 'after', do: { status: 500 } })
  t.equal(
    (await call('PATCH', at('i'), { service_id: ids.service_id, parameters: { size: 2 } })).status,
    502,
  )
  await settled(kontor)
  t.strictSame(await orphans(), [])
  t.equal(simulator.state().effects.deprovisioned, 0)
})
