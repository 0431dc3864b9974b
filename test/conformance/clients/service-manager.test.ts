// SAP Service Manager as a platform: it has no organization and no space and says "-" for both,
// polls at its own pace whatever Retry-After says, and takes 404 and 503 to a poll for "try again".
import t, { type Test } from 'tap'
import { startKontor, type Reply } from '../../support/kontor.ts'
import { behaviours, choose, nothingIsLeft, type CatalogEntry } from './truth.ts'

const kontor = await startKontor(t)
const guid = () => crypto.randomUUID()
const headers = () => ({
  'x-broker-api-version': '2.14',
  'x-correlation-id': guid(),
  'x-broker-api-originating-identity': `service-manager ${Buffer.from(JSON.stringify({ user_id: 'alice@example.com' })).toString('base64')}`,
})
const send = (method: string, path: string, body?: object): Promise<Reply> =>
  kontor.call(method, path, body, headers())
const contextOf = (name: string) => ({
  platform: 'service-manager',
  instance_name: name,
  subaccount_id: guid(),
  zone_id: guid(),
  origin: 'service-manager',
})

/** storage/interceptors/smaap_*: polls every few seconds (here faster) and ignores Retry-After. */
async function poll(
  path: string,
  reply: Reply,
  query: string,
): Promise<{ state: string; polls: Reply[] }> {
  const polls: Reply[] = []
  if (reply.status !== 202) return { state: reply.status < 300 ? 'succeeded' : 'failed', polls }
  const operation = encodeURIComponent(String(reply.body.operation))
  while (polls.length < 1_000) {
    const answer = await send('GET', `${path}/last_operation?${query}&operation=${operation}`)
    polls.push(answer)
    if (answer.status === 410) return { state: 'succeeded', polls }
    if (answer.status === 200 && answer.body.state !== 'in progress')
      return { state: answer.body.state as string, polls }
    if (![200, 404, 503].includes(answer.status))
      return { state: `answered ${answer.status}`, polls }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('It never came to an end.')
}

async function through(t: Test, path: string, reply: Reply, query: string): Promise<void> {
  const { state, polls } = await poll(path, reply, query)
  t.equal(state, 'succeeded', reply.text)
  t.strictSame(
    [...new Set(polls.map(({ status }) => status))].filter(
      (status) => ![200, 410].includes(status),
    ),
    [],
    'no poll has to be tried again',
  )
  for (const { body, headers } of polls.slice(0, -1)) {
    t.equal(body.state, 'in progress')
    t.match(headers['retry-after'], /^\d+$/)
  }
}

for (const mode of ['sync', 'async'] as const) {
  t.test(`a whole life with a provider that is ${mode}`, async (t) => {
    const provider = await kontor.addProvider(mode, { behaviours: behaviours[mode] })
    const { offering, small, large } = choose(
      (await send('GET', '/v2/catalog')).body as { services: CatalogEntry[] },
      mode,
    )
    const query = (plan: string) => `service_id=${offering.id}&plan_id=${plan}`
    const nowhere = { organization_guid: '-', space_guid: '-' }
    const ids = guid()
    const instance = `/v2/service_instances/${ids}`
    const context = contextOf('db')
    await through(
      t,
      instance,
      await send('PUT', `${instance}?accepts_incomplete=true`, {
        service_id: offering.id,
        plan_id: small,
        ...nowhere,
        parameters: { size: 1 },
        context,
      }),
      query(small),
    )
    t.match(provider.simulator.state().instances[0], { ...nowhere, context })
    const update = {
      service_id: offering.id,
      plan_id: large,
      parameters: { size: 2 },
      context,
      previous_values: {
        service_id: offering.id,
        plan_id: small,
        organization_id: '-',
        space_id: '-',
      },
    }
    await through(
      t,
      instance,
      await send('PATCH', `${instance}?accepts_incomplete=true`, update),
      query(small),
    )
    t.match((await send('GET', instance)).body, { plan_id: large, parameters: { size: 2 } })

    const binding = `${instance}/service_bindings/${guid()}`
    await through(
      t,
      binding,
      await send('PUT', `${binding}?accepts_incomplete=true`, {
        service_id: offering.id,
        plan_id: large,
        bind_resource: {},
        parameters: {},
        context,
      }),
      query(large),
    )
    t.match((await send('GET', binding)).body.credentials, { password: /\S/ })
    for (const path of [binding, instance])
      await through(
        t,
        path,
        await send('DELETE', `${path}?accepts_incomplete=true&${query(large)}`),
        query(large),
      )
    await nothingIsLeft(t, kontor, provider, { instances: 1, bindings: 1 })
  })
}

t.test(
  'its polls are answered from our own rows: Kontor polls the provider no more often than it wants',
  async (t) => {
    const provider = await kontor.addProvider('calm', {
      behaviours: { '*': { mode: 'async', provisionSeconds: 2, retryAfterSeconds: 1 } },
    })
    const { offering, small } = choose(
      (await send('GET', '/v2/catalog')).body as { services: CatalogEntry[] },
      'calm',
    )
    const query = `service_id=${offering.id}&plan_id=${small}`
    const instance = `/v2/service_instances/${guid()}`
    // The platform sees none of the spoilt answers in between.
    for (const action of [{ status: 404 }, { status: 503 }] as const)
      provider.simulator.faults.add({ on: 'last_operation', do: action })
    const ordered = await send('PUT', `${instance}?accepts_incomplete=true`, {
      service_id: offering.id,
      plan_id: small,
      organization_guid: '-',
      space_guid: '-',
      context: contextOf('calm'),
    })
    const { state, polls } = await poll(instance, ordered, query)
    t.equal(state, 'succeeded')
    t.ok(polls.length > 20, 'many polls')
    t.ok((provider.simulator.state().requests['last_operation'] ?? 0) <= 8, 'few of ours')
    t.strictSame([...new Set(polls.map(({ status }) => status))], [200])
    // An operation that it does not have, or an instance that is not there yet: 404, and it tries
    // again.
    t.equal(
      (await send('GET', `/v2/service_instances/${guid()}/last_operation?${query}`)).status,
      404,
    )
    t.equal(
      (
        await poll(
          instance,
          await send('DELETE', `${instance}?accepts_incomplete=true&${query}`),
          query,
        )
      ).state,
      'succeeded',
    )
    await nothingIsLeft(t, kontor, provider, { instances: 1, bindings: 0 })
  },
)
