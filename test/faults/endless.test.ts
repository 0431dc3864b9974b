// Providers that never finish, and orders that got half-way: each ends in a defined state, is
// retried at a reasonable pace, and Kontor's rows agree with the provider.
import t from 'tap'
import { finished, here, startKontor, until } from '../support/kontor.ts'
import { catalogOf } from '../support/catalogs.ts'
import { agree, compare, readRows, settled } from './invariants.ts'

const ai = 'accepts_incomplete=true'

t.test(
  "an operation that never ends fails when its plan's maximum_polling_duration is over",
  async (t) => {
    const kontor = await startKontor(t)
    const { call } = kontor
    const make = async (name: string) => {
      const catalog = catalogOf(name)
      for (const plan of catalog.services[0]?.plans ?? []) plan.maximum_polling_duration = 1
      const { simulator } = await kontor.addProvider(name, {
        catalog,
        behaviours: { '*': { mode: 'async', asyncBinding: true } },
      })
      const ids = await kontor.find(name, 'db', 'small')
      const at = `/v2/service_instances/${name}`
      const ordered = async (method: string, path: string, body?: unknown) => {
        const reply = await call(
          method,
          `${path}?${ai}${method === 'DELETE' ? `&service_id=${ids.service_id}&plan_id=${ids.plan_id}` : ''}`,
          body,
        )
        t.equal(reply.status, 202, reply.text)
        return finished(call, path, reply.body.operation)
      }
      return { simulator, ids, at, ordered }
    }
    const outOfTime = { body: { state: 'failed', description: /did not end within its time/ } }

    const [provision, update, deprovision, bind, unbind] = await Promise.all([
      make('p1'),
      make('p2'),
      make('p3'),
      make('p4'),
      make('p5'),
    ])
    await Promise.all([
      (async () => {
        provision.simulator.faults.add({ on: 'provision', do: { never: true } })
        t.match(
          await provision.ordered('PUT', provision.at, { ...provision.ids, ...here }),
          outOfTime,
        )
        t.strictSame(
          provision.simulator.state().instances,
          [],
          'the half-made instance was removed',
        )
      })(),
      (async () => {
        await update.ordered('PUT', update.at, { ...update.ids, ...here })
        update.simulator.faults.add({ on: 'update', do: { never: true } })
        t.match(
          await update.ordered('PATCH', update.at, {
            service_id: update.ids.service_id,
            parameters: { a: 1 },
          }),
          outOfTime,
        )
        t.equal(
          update.simulator.state().requests['deprovision'],
          undefined,
          'an update never leads to a delete',
        )
        agree(t, await settled(kontor, 'p2'), update.simulator)
      })(),
      (async () => {
        await deprovision.ordered('PUT', deprovision.at, { ...deprovision.ids, ...here })
        deprovision.simulator.faults.add({ on: 'deprovision', do: { never: true } })
        t.match(await deprovision.ordered('DELETE', deprovision.at), outOfTime)
        agree(t, await settled(kontor, 'p3'), deprovision.simulator)
      })(),
      (async () => {
        await bind.ordered('PUT', bind.at, { ...bind.ids, ...here })
        bind.simulator.faults.add({ on: 'bind', do: { never: true } })
        t.match(await bind.ordered('PUT', `${bind.at}/service_bindings/b4`, bind.ids), outOfTime)
        agree(t, await settled(kontor, 'p4'), bind.simulator)
      })(),
      (async () => {
        await unbind.ordered('PUT', unbind.at, { ...unbind.ids, ...here })
        await unbind.ordered('PUT', `${unbind.at}/service_bindings/b5`, unbind.ids)
        unbind.simulator.faults.add({ on: 'unbind', do: { never: true } })
        t.match(await unbind.ordered('DELETE', `${unbind.at}/service_bindings/b5`), outOfTime)
        agree(t, await settled(kontor, 'p5'), unbind.simulator)
      })(),
    ])
  },
)

t.test(
  'a delete whose polls are 404 for ever is repeated only until its time is over',
  async (t) => {
    const kontor = await startKontor(t, { environment: { KONTOR_MAX_POLLING_SECONDS: '2' } })
    const { simulator } = await kontor.addProvider('nord', {
      behaviours: { '*': { mode: 'sync' } },
    })
    const ids = await kontor.find('nord', 'db', 'small')
    const at = '/v2/service_instances/i'
    t.equal((await kontor.call('PUT', at, { ...ids, ...here })).status, 201)
    simulator.faults.add({ on: 'deprovision', times: 0, do: { status: 202, body: {} } })
    simulator.faults.add({ on: 'last_operation', times: 0, do: { status: 404 } })
    const reply = await kontor.call(
      'DELETE',
      `${at}?${ai}&service_id=${ids.service_id}&plan_id=${ids.plan_id}`,
    )
    t.equal(reply.status, 202)
    t.match(await finished(kontor.call, at, reply.body.operation), {
      body: { state: 'failed', description: /did not end/ },
    })
    agree(t, await settled(kontor, 'i'), simulator)
  },
)

t.test("a provider that always says Retry-After: 0 is polled at Kontor's own pace", async (t) => {
  const kontor = await startKontor(t)
  const { simulator } = await kontor.addProvider('nord', {
    behaviours: { '*': { mode: 'async', provisionSeconds: 2, retryAfterSeconds: 0 } },
  })
  const ids = await kontor.find('nord', 'db', 'small')
  const reply = await kontor.call('PUT', `/v2/service_instances/i?${ai}`, { ...ids, ...here })
  t.match(await finished(kontor.call, '/v2/service_instances/i', reply.body.operation), {
    body: { state: 'succeeded' },
  })
  const polls = simulator.state().requests['last_operation'] ?? 0
  t.ok(polls <= 25, `${polls} polls in two seconds, ten a second at most`)
})

t.test(
  'a removal that the provider never ends is repeated ever more rarely, not without end',
  async (t) => {
    const kontor = await startKontor(t)
    const { simulator } = await kontor.addProvider('nord')
    const ids = await kontor.find('nord', 'db', 'small')
    simulator.faults.add({ on: 'provision', when: 'after', do: { status: 500 } })
    simulator.faults.add({ on: 'deprovision', times: 0, do: { status: 202, body: {} } })
    t.equal((await kontor.call('PUT', '/v2/service_instances/i', { ...ids, ...here })).status, 502)
    const seen = await until(
      () => readRows(kontor, 'i'),
      ({ running }) => (running[0]?.retries ?? 0) >= 4,
    )
    t.match(seen.running, [{ kind: 'provision', state: 'compensating' }])
    simulator.faults.clear()
    agree(t, await settled(kontor, 'i'), simulator)
    t.strictSame(simulator.state().instances, [])
  },
)

t.test(
  'bindings deleted before the delete of their instance failed are gone on both sides',
  async (t) => {
    const kontor = await startKontor(t)
    const { simulator } = await kontor.addProvider('nord')
    const ids = await kontor.find('nord', 'db', 'small')
    const at = '/v2/service_instances/i'
    const query = `?service_id=${ids.service_id}&plan_id=${ids.plan_id}`
    t.equal((await kontor.call('PUT', at, { ...ids, ...here })).status, 201)
    t.equal((await kontor.call('PUT', `${at}/service_bindings/b`, ids)).status, 201)
    simulator.faults.add({
      on: 'deprovision',
      do: { status: 400, body: { description: 'Protected.' } },
    })
    t.match(await kontor.call('DELETE', `${at}${query}`), {
      status: 400,
      body: { description: /Protected/ },
    })
    agree(t, await settled(kontor, 'i'), simulator)
    t.equal((await kontor.call('GET', `${at}/service_bindings/b`)).status, 404)
    t.equal(
      (await kontor.call('PUT', `${at}/service_bindings/b`, ids)).status,
      201,
      'it can be bound again',
    )
    t.equal((await kontor.call('DELETE', `${at}${query}`)).status, 200)
    t.strictSame(compare(await settled(kontor, 'i'), simulator), {
      ours: [],
      theirs: [],
      ourBindings: [],
      theirBindings: [],
    })
  },
)

t.test(
  'an operation that cannot be opened is retried a few times and then parked; a delete takes over',
  async (t) => {
    const kontor = await startKontor(t)
    const { db } = kontor.running.runtime
    const { simulator } = await kontor.addProvider('nord', {
      behaviours: { '*': { mode: 'async', updateSeconds: 60 } },
    })
    const ids = await kontor.find('nord', 'db', 'small')
    const at = '/v2/service_instances/i'
    await finished(
      kontor.call,
      at,
      (await kontor.call('PUT', `${at}?${ai}`, { ...ids, ...here })).body.operation,
    )
    const update = await kontor.call('PATCH', `${at}?${ai}`, {
      service_id: ids.service_id,
      parameters: { a: 1 },
    })
    t.equal(update.status, 202, update.text)
    await until(
      () => kontor.call('GET', `${at}/last_operation`),
      ({ body }) => /is running/.test(body.description),
    )
    await db
      .updateTable('operations')
      .set({ change: Buffer.from('not sealed by us') })
      .where('id', '=', update.body.operation)
      .execute()

    const { running } = await until(
      () => readRows(kontor, 'i'),
      ({ running }) => running[0]?.state === 'parked',
    )
    t.match(running, [{ kind: 'update', state: 'parked' }])
    t.match(
      await kontor.call('GET', `${at}/last_operation`),
      { status: 200, body: { state: 'failed', description: /operator/ } },
      'a platform need not wait for a person',
    )
    t.match(
      await kontor.call('PATCH', `${at}?${ai}`, {
        service_id: ids.service_id,
        parameters: { a: 2 },
      }),
      { status: 422, body: { error: 'ConcurrencyError' } },
    )
    const metrics = await kontor.call('GET', '/metrics')
    t.match(metrics.text, /^kontor_operations_parked 1$/m, 'the operator sees it')

    simulator.faults.add({ on: 'deprovision', times: 0, do: { status: 200, body: {} } })
    const gone = await kontor.call(
      'DELETE',
      `${at}?${ai}&service_id=${ids.service_id}&plan_id=${ids.plan_id}`,
    )
    t.ok(gone.status === 200 || gone.status === 202, gone.text)
    t.strictSame((await settled(kontor, 'i')).instances, [])
    t.match(await kontor.call('GET', `${at}/last_operation?operation=${update.body.operation}`), {
      body: { state: 'failed' },
    })
  },
)
