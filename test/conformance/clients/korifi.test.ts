// Korifi: a reconciler that repeats its PUT (or DELETE) before each poll. A 400, 409 or 422 to a
// PUT marks the instance as failed for good, so no repetition may get one. No context, no identity,
// no Content-Type; 2.17. Its structures have every field: without parameters they are null, and for
// a service key app_guid is empty (controllers/controllers/services/osbapi/types.go).
import t, { type Test } from 'tap'
import { startKontor, type Reply } from '../../support/kontor.ts'
import { behaviours, choose, nothingIsLeft, type CatalogEntry } from './truth.ts'

const kontor = await startKontor(t)
const guid = () => crypto.randomUUID()
const headers = {
  'x-broker-api-version': '2.17',
  'content-type': '',
  'user-agent': 'Go-http-client/1.1',
}
const send = (method: string, path: string, body?: object): Promise<Reply> =>
  kontor.call(method, path, body, headers)

interface Reconciled {
  readonly answers: number[]
  readonly operations: Set<string>
  readonly last: Reply
  readonly state: string
}

/**
 * Orders, polls and waits in a loop, as controller-runtime does until the object is ready, failed
 * or gone.
 */
async function reconcile(
  order: () => Promise<Reply>,
  path: string,
  query: string,
): Promise<Reconciled> {
  const answers: number[] = []
  const operations = new Set<string>()
  for (let round = 0; round < 200; round++) {
    const last = await order()
    answers.push(last.status)
    if (last.status !== 202)
      return {
        answers,
        operations,
        last,
        state: last.status < 300 || last.status === 410 ? 'ready' : 'failed',
      }
    operations.add(last.body.operation)
    const poll = await send(
      'GET',
      `${path}/last_operation?${query}&operation=${encodeURIComponent(String(last.body.operation))}`,
    )
    if (poll.status === 410 || poll.body.state === 'succeeded')
      return { answers, operations, last, state: 'ready' }
    if (poll.body.state === 'failed') return { answers, operations, last, state: 'failed' }
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  throw new Error(`It never came to an end: ${answers.join(' ')}`)
}

const isFine = (t: Test, { answers, operations, state }: Reconciled, what: string) => {
  t.equal(state, 'ready', what)
  t.strictSame(
    answers.filter((status) => ![200, 201, 202].includes(status)),
    [],
    `${what}: no repetition was refused`,
  )
  t.ok(operations.size <= 1, `${what}: one operation, however often it is asked for`)
}

for (const mode of ['sync', 'async'] as const) {
  t.test(`a whole life with a provider that is ${mode}`, async (t) => {
    const provider = await kontor.addProvider(mode, { behaviours: behaviours[mode] })
    const { offering, small } = choose(
      (await send('GET', '/v2/catalog')).body as { services: CatalogEntry[] },
      mode,
    )
    const query = `service_id=${offering.id}&plan_id=${small}`
    const instance = `/v2/service_instances/${guid()}`
    const body = {
      service_id: offering.id,
      plan_id: small,
      space_guid: guid(),
      organization_guid: guid(),
      parameters: null,
    }
    const provision = () => send('PUT', `${instance}?accepts_incomplete=true`, body)
    isFine(t, await reconcile(provision, instance, query), 'provision')
    // It goes on reconciling ready objects.
    for (let round = 0; round < 3; round++) t.equal((await provision()).status, 200)
    const received = provider.simulator
      .state()
      .lastRequests.find(({ endpoint }) => endpoint === 'provision')
    t.match(
      received?.body,
      { context: undefined, parameters: undefined },
      'Kontor adds no context, and passes no null on',
    )

    const appGuid = guid()
    const bindings = []
    for (const [what, target, parameters] of [
      ['a binding of an app', appGuid, { role: 'reader' }],
      ['a service key', '', null],
    ] as const) {
      const binding = `${instance}/service_bindings/${guid()}`
      bindings.push(binding)
      const bindBody = {
        service_id: offering.id,
        plan_id: small,
        app_guid: target,
        bind_resource: { app_guid: target },
        parameters,
      }
      const bind = () => send('PUT', `${binding}?accepts_incomplete=true`, bindBody)
      isFine(t, await reconcile(bind, binding, query), what)
      const fetched = await send('GET', `${binding}?${query}`)
      t.match(fetched.body.credentials, { password: /\S/ })
      t.strictSame((await bind()).body.credentials, fetched.body.credentials)
    }
    const bound = provider.simulator
      .state()
      .lastRequests.filter(({ endpoint }) => endpoint === 'bind')
      .map(({ body }) => {
        const { service_id: _, plan_id: _plan, ...rest } = body as Record<string, unknown>
        return rest
      })
    t.strictSame(bound, [
      { app_guid: appGuid, bind_resource: { app_guid: appGuid }, parameters: { role: 'reader' } },
      {},
    ])

    for (const [what, path] of [
      ...bindings.map((binding) => ['unbind', binding] as const),
      ['deprovision', instance],
    ] as const) {
      const { answers, operations, state } = await reconcile(
        () => send('DELETE', `${path}?${query}&accepts_incomplete=true`),
        path,
        query,
      )
      t.equal(state, 'ready', what)
      t.strictSame(
        answers.filter((status) => ![200, 202, 410].includes(status)),
        [],
        what,
      )
      t.ok(operations.size <= 1, what)
    }
    await nothingIsLeft(t, kontor, provider, { instances: 1, bindings: 2 })
  })

  // ASYNC-10: an order is not over during mitigation, so its repetition is still the same
  // operation.
  t.test(
    `an order that fails is reported by its operation, not by refusing its repetition (${mode})`,
    async (t) => {
      const name = `${mode}-fails`
      const provider = await kontor.addProvider(name, { behaviours: behaviours[mode] })
      const { offering, small } = choose(
        (await send('GET', '/v2/catalog')).body as { services: CatalogEntry[] },
        name,
      )
      const query = `service_id=${offering.id}&plan_id=${small}`
      const ids = { service_id: offering.id, plan_id: small }
      const instance = `/v2/service_instances/${guid()}`
      const order = { ...ids, space_guid: guid(), organization_guid: guid(), parameters: null }
      // Mitigation takes a while: two of its deletes fail.
      provider.simulator.faults.add({ on: 'provision', when: 'after', do: { status: 500 } })
      provider.simulator.faults.add({ on: 'deprovision', times: 2, do: { status: 500 } })
      const failed = await reconcile(
        () => send('PUT', `${instance}?accepts_incomplete=true`, order),
        instance,
        query,
      )
      t.equal(failed.state, 'failed')
      t.ok(failed.answers.length > 2, 'it came by more than once meanwhile')
      t.strictSame([...new Set(failed.answers.slice(0, -1))], [202], 'and was never refused')
      t.equal(failed.operations.size, 1)
      t.equal(
        (
          await reconcile(
            () => send('DELETE', `${instance}?${query}&accepts_incomplete=true`),
            instance,
            query,
          )
        ).state,
        'ready',
      )

      // The same with a binding.
      const other = `/v2/service_instances/${guid()}`
      isFine(
        t,
        await reconcile(() => send('PUT', `${other}?accepts_incomplete=true`, order), other, query),
        'provision',
      )
      const binding = `${other}/service_bindings/${guid()}`
      provider.simulator.faults.add({ on: 'bind', when: 'after', do: { status: 500 } })
      provider.simulator.faults.add({ on: 'unbind', times: 2, do: { status: 500 } })
      const unbound = await reconcile(
        () =>
          send('PUT', `${binding}?accepts_incomplete=true`, {
            ...ids,
            app_guid: '',
            bind_resource: { app_guid: '' },
            parameters: null,
          }),
        binding,
        query,
      )
      t.equal(unbound.state, 'failed')
      t.strictSame([...new Set(unbound.answers.slice(0, -1))], [202])
      for (const path of [binding, other])
        t.equal(
          (
            await reconcile(
              () => send('DELETE', `${path}?${query}&accepts_incomplete=true`),
              path,
              query,
            )
          ).state,
          'ready',
        )
      await nothingIsLeft(t, kontor, provider, { instances: 2, bindings: 1 })
    },
  )
}
