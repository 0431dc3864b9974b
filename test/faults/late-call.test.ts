// Calls that take effect at the provider after Kontor has given up waiting.
import { CompiledQuery } from 'kysely'
import t from 'tap'
import { asOwner } from '../support/as-owner.ts'
import { here, startKontor, until } from '../support/kontor.ts'
import { processesOf } from './processes.ts'
import { settled } from './invariants.ts'

const at = (id: string) => `/v2/service_instances/${id}`

t.test('an order that takes effect after its timeout leaves nothing at the provider', async (t) => {
  const kontor = await startKontor(t, { environment: { KONTOR_IN_DOUBT_SECONDS: '5' } })
  const { call, addProvider, find } = kontor
  const { simulator } = await addProvider('nord', { settings: { timeoutSeconds: 1 } })
  const ids = await find('nord', 'db', 'small')
  simulator.faults.add({ on: 'provision', do: { delayMs: 2_500 } })
  const answer = await call('PUT', at('slow'), { ...ids, ...here })
  t.equal(answer.status, 504, answer.text)
  await until(
    () => simulator.state().effects.deprovisioned,
    (count) => count === 1,
  )
  t.equal(simulator.state().effects.provisioned, 1, 'it did act, late')
  await settled(kontor, 'slow')
  t.strictSame(simulator.state().instances, [])
  t.equal(
    (await call('PUT', at('slow'), { ...ids, ...here })).status,
    201,
    'the same order works again',
  )
})

t.test(
  'a delete that takes over such an order inherits its doubt, and nothing stays',
  async (t) => {
    const kontor = await startKontor(t, { environment: { KONTOR_IN_DOUBT_SECONDS: '5' } })
    const { call, addProvider, find } = kontor
    const { simulator } = await addProvider('nord', { settings: { timeoutSeconds: 1 } })
    const ids = await find('nord', 'db', 'small')
    simulator.faults.add({ on: 'provision', do: { delayMs: 2_500 } })
    t.equal(
      (await call('PUT', `${at('slow')}?accepts_incomplete=true`, { ...ids, ...here })).status,
      202,
    )
    const query = `?service_id=${ids.service_id}&plan_id=${ids.plan_id}&accepts_incomplete=true`
    const deleted = await until(
      () => call('DELETE', `${at('slow')}${query}`),
      ({ status }) => status !== 422,
    )
    t.match(deleted.status, /^20[02]$/, deleted.text)
    await settled(kontor, 'slow')
    t.equal(simulator.state().effects.provisioned, 1)
    t.strictSame(simulator.state().instances, [])
  },
)

t.test(
  'a process that was paused past its lease before its call sends nothing, or removes what it created',
  async (t) => {
    const quick = { KONTOR_LEASE_SECONDS: '1', KONTOR_INLINE_SECONDS: '10' }
    const kontor = await startKontor(t, { environment: quick })
    const start = await processesOf(t, kontor, quick)
    const { simulator } = await kontor.addProvider('nord')
    const sleeper = await start()
    const ids = await kontor.find('nord', 'db', 'small')
    await until(
      () => sleeper.call('PUT', at('warm'), { ...ids, ...here }),
      ({ status }) => status < 300,
    )
    // The commit of the intent takes so long that the process can be stopped in the middle of it.
    const owner = asOwner(t, kontor)
    const raw = (text: string) => owner.executeQuery(CompiledQuery.raw(text))
    await raw(
      'create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(1.5); return null; end $$',
    )
    await raw(
      'create constraint trigger slow after insert on operations deferrable initially deferred for each row execute function slow()',
    )
    const order = sleeper.call('PUT', `${at('late')}?accepts_incomplete=true`, { ...ids, ...here })
    await until(
      async () =>
        (
          await raw(
            "select 1 from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()",
          )
        ).rows.length,
      (count) => count > 0,
    )
    sleeper.child.kill('SIGSTOP')
    await until(
      async () => (await raw("select 1 from operations where state = 'failed'")).rows.length,
      (count) => count === 1,
    )
    await raw('drop trigger slow on operations')
    sleeper.child.kill('SIGCONT')
    t.match(await order, { status: 202 })
    await until(
      () => simulator.state().instances.map((instance) => instance.state),
      (states) => states.length === 1,
    )
    t.equal(
      simulator.state().effects.provisioned - simulator.state().effects.deprovisioned,
      1,
      'only the first one is left',
    )
  },
)

t.test(
  'a platform that got an error for a plan change in force can still delete by the old plan',
  async (t) => {
    const kontor = await startKontor(t)
    const { call, addProvider, find } = kontor
    const { simulator } = await addProvider('nord')
    const small = await find('nord', 'db', 'small')
    const large = await find('nord', 'db', 'large')
    t.equal((await call('PUT', at('i'), { ...small, ...here })).status, 201)
    simulator.faults.add({ on: 'update', when: 'after', do: { status: 500 } })
    t.equal(
      (await call('PATCH', at('i'), { service_id: small.service_id, plan_id: large.plan_id }))
        .status,
      502,
    )
    await settled(kontor, 'i')
    t.match(
      await call('GET', at('i')),
      { status: 200, body: { plan_id: large.plan_id } },
      'it was made',
    )
    t.equal(
      (await call('DELETE', `${at('i')}?service_id=${small.service_id}&plan_id=${small.plan_id}`))
        .status,
      200,
    )
    t.strictSame(simulator.state().instances, [])
  },
)

t.test(
  'a bind that takes effect after its timeout does not prevent the delete of its instance',
  async (t) => {
    // So long that no orphan becomes due by itself.
    const kontor = await startKontor(t, { environment: { KONTOR_IN_DOUBT_SECONDS: '600' } })
    const { call, addProvider, find } = kontor
    const { simulator } = await addProvider('nord', { settings: { timeoutSeconds: 1 } })
    const ids = await find('nord', 'db', 'small')
    t.equal((await call('PUT', at('i'), { ...ids, ...here })).status, 201)
    simulator.faults.add({ on: 'bind', do: { delayMs: 2_500 } })
    t.equal((await call('PUT', `${at('i')}/service_bindings/b`, ids)).status, 504)
    await until(
      () => simulator.state().instances[0]?.bindings.length,
      (count) => count === 1,
    )
    t.equal(
      (await call('DELETE', `${at('i')}?service_id=${ids.service_id}&plan_id=${ids.plan_id}`))
        .status,
      200,
    )
    t.strictSame(simulator.state().instances, [])
    const { rows } = await kontor.running.runtime.db.executeQuery(
      CompiledQuery.raw('select state from orphans'),
    )
    t.strictSame(rows, [{ state: 'removed' }], 'it went with its instance')
  },
)
