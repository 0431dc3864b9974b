// The Kubernetes service catalog: 2.13 or 2.14, the same PUT several times at once, a PATCH that
// names no plan, a delete that it repeats for days, and a catalog that it reads again and again.
import t, { type Test } from 'tap'
import { finished, startKontor, until, type Reply } from '../../support/kontor.ts'
import { behaviours, choose, nothingIsLeft, type CatalogEntry } from './truth.ts'

const kontor = await startKontor(t)
const guid = () => crypto.randomUUID()
const cluster = guid()
const namespace = guid()

// github.com/pmorie/go-open-service-broker-client, as the controller uses it
const user = {
  username: 'system:serviceaccount:amt:deployer',
  uid: guid(),
  groups: ['system:serviceaccounts', 'system:authenticated'],
  extra: { scopes: ['openid'] },
}
const context = { platform: 'kubernetes', namespace: 'amt', clusterid: cluster }
const headersOf = (version: string) => ({
  'x-broker-api-version': version,
  'content-type': 'application/json',
  'x-broker-api-originating-identity': `kubernetes ${Buffer.from(JSON.stringify(user)).toString('base64')}`,
  'user-agent': 'Go-http-client/1.1',
})

const versions = { sync: '2.13', async: '2.14' } as const

for (const mode of ['sync', 'async'] as const) {
  const send = (method: string, path: string, body?: object): Promise<Reply> =>
    kontor.call(method, path, body, headersOf(versions[mode]))
  const settle = async (t: Test, path: string, reply: Reply, query: string): Promise<void> => {
    t.ok([200, 201, 202].includes(reply.status), reply.text)
    if (reply.status !== 202) return
    t.equal(
      (
        await send(
          'GET',
          `${path}/last_operation?operation=${encodeURIComponent(String(reply.body.operation))}&${query}`,
        )
      ).status,
      200,
    )
    const last = await finished(kontor.call, path, reply.body.operation)
    t.ok(last.status === 410 || last.body.state === 'succeeded', last.text)
  }

  t.test(`a whole life with a provider that is ${mode}`, async (t) => {
    const provider = await kontor.addProvider(mode, { behaviours: behaviours[mode] })
    const catalog = await send('GET', '/v2/catalog')
    const { offering, small, large } = choose(catalog.body as { services: CatalogEntry[] }, mode)
    const instance = `/v2/service_instances/${guid()}`
    const query = (plan: string) => `service_id=${offering.id}&plan_id=${plan}`
    const delete_ = (path: string, plan: string) =>
      send('DELETE', `${path}?accepts_incomplete=true&${query(plan)}`)

    // Several workers of the controller, or its retries, send the same at the same time.
    const order = {
      service_id: offering.id,
      plan_id: small,
      organization_guid: cluster,
      space_guid: namespace,
      parameters: { size: 1 },
      context,
    }
    const replies = await Promise.all(
      Array.from({ length: 6 }, () => send('PUT', `${instance}?accepts_incomplete=true`, order)),
    )
    t.strictSame(
      replies.filter(({ status }) => ![200, 201, 202].includes(status)).map(({ text }) => text),
      [],
      'none of them is refused',
    )
    t.ok(
      new Set(replies.filter(({ status }) => status === 202).map(({ body }) => body.operation))
        .size <= 1,
      'one operation for all of them',
    )
    for (const reply of replies) await settle(t, instance, reply, query(small))
    t.equal((await send('PUT', `${instance}?accepts_incomplete=true`, order)).status, 200)

    // A change of parameters names no plan; a change of plan carries no parameters.
    await settle(
      t,
      instance,
      await send('PATCH', `${instance}?accepts_incomplete=true`, {
        service_id: offering.id,
        parameters: { size: 2 },
        context,
        previous_values: { plan_id: small },
      }),
      query(small),
    )
    t.match((await kontor.call('GET', instance)).body, { plan_id: small, parameters: { size: 2 } })
    await settle(
      t,
      instance,
      await send('PATCH', `${instance}?accepts_incomplete=true`, {
        service_id: offering.id,
        plan_id: large,
        context,
      }),
      query(small),
    )
    t.match((await kontor.call('GET', instance)).body, { plan_id: large, parameters: { size: 2 } })

    // 2.13 knows no asynchronous binding and does not allow it.
    const binding = `${instance}/service_bindings/${guid()}`
    const allowed = mode === 'async' ? '?accepts_incomplete=true' : ''
    const bind = {
      service_id: offering.id,
      plan_id: large,
      app_guid: namespace,
      bind_resource: { app_guid: namespace },
      parameters: { role: 'read' },
      context,
    }
    const bound = await Promise.all(
      Array.from({ length: 4 }, () => send('PUT', `${binding}${allowed}`, bind)),
    )
    // Without accepts_incomplete a second request is refused while the first runs; the client
    // repeats it.
    t.strictSame(
      bound
        .filter(
          ({ status, body }) =>
            ![200, 201, 202].includes(status) &&
            body.error !== 'AsyncRequired' &&
            body.error !== 'ConcurrencyError',
        )
        .map(({ text }) => text),
      [],
    )
    const accepted = bound.find(({ status }) => status < 300)
    if (accepted !== undefined) await settle(t, binding, accepted, query(large))
    const credentials = (await send('PUT', `${binding}${allowed}`, bind)).body.credentials
    t.match(credentials, { password: /\S/ })
    t.strictSame((await send('GET', binding)).body.credentials, credentials)

    await settle(
      t,
      binding,
      mode === 'async'
        ? await delete_(binding, large)
        : await send('DELETE', `${binding}?${query(large)}`),
      query(large),
    )

    // A deprovision that does not work is repeated until it does.
    provider.simulator.faults.add({
      on: 'deprovision',
      times: 2,
      do: { status: 400, body: { description: 'Not now.' } },
    })
    const retries = await until(
      async () => [await delete_(instance, large)],
      ([reply]) => reply?.status !== 400,
    )
    for (const reply of retries) await settle(t, instance, reply, query(large))
    t.equal((await delete_(instance, large)).status, 410)
    await nothingIsLeft(t, kontor, provider, { instances: 1, bindings: 1 })
  })

  t.test(`it recognises errors by the whole description (${mode})`, async (t) => {
    const name = `errors-${mode}`
    const { simulator } = await kontor.addProvider(name, { behaviours: behaviours[mode] })
    const { offering, small } = choose(
      (await send('GET', '/v2/catalog')).body as { services: CatalogEntry[] },
      name,
    )
    const instance = `/v2/service_instances/${guid()}`
    const ids = { service_id: offering.id, plan_id: small }
    const order = { ...ids, organization_guid: cluster, space_guid: namespace, context }
    // v2/errors.go of its client
    const descriptions = {
      AsyncRequired:
        'This service plan requires client support for asynchronous service operations.',
      ConcurrencyError:
        'The Service Broker does not support concurrent requests that mutate the same resource.',
    }
    for (const [error, description] of Object.entries(descriptions)) {
      simulator.faults.add({
        on: 'provision',
        do: { status: 422, body: { error, description: 'Not now.' } },
      })
      const { status, body } = await send('PUT', instance, order)
      t.strictSame([status, body], [422, { error, description }])
      simulator.faults.clear()
      for (const [sent, read] of [
        [description, description],
        [`${description} Wait.`, `${description} ${name}: Wait.`],
        [`Wait. ${description}`, `${description} ${name}: Wait. ${description}`],
      ]) {
        simulator.faults.add({
          on: 'provision',
          do: { status: 422, body: { error, description: sent } },
        })
        const newer = await kontor.call('PUT', instance, order)
        t.equal(newer.body.description, read, 'a newer client reads all that the provider says')
        simulator.faults.clear()
      }
    }
    if (mode === 'async')
      t.match(
        await kontor.call('PUT', instance, order),
        {
          status: 422,
          body: { description: new RegExp(`^${descriptions.AsyncRequired} \\S`) },
        },
        'a newer client reads more',
      )
  })

  t.test(
    `the catalog is the same at each relist, and costs nothing when it has not changed (${mode})`,
    async (t) => {
      const first = await send('GET', '/v2/catalog')
      for (let relist = 0; relist < 5; relist++)
        t.equal((await send('GET', '/v2/catalog')).text, first.text)
      const again = await kontor.call('GET', '/v2/catalog', undefined, {
        ...headersOf(versions[mode]),
        'if-none-match': String(first.headers['etag']),
      })
      t.strictSame([again.status, again.text], [304, ''])
    },
  )
}
