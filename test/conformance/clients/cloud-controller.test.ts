// Cloud Foundry's Cloud Controller: speaks 2.15, always allows asynchronous work, fetches the
// binding after an asynchronous bind, and after a failed create sends the same DELETE up to eleven
// times.
import t, { type Test } from 'tap'
import { refusalOfSchema } from '../../support/cloud-foundry.ts'
import { finished, startKontor, type Reply } from '../../support/kontor.ts'
import { createPlatform } from '../../tenancy/platforms.ts'
import { behaviours, choose, nothingIsLeft, type CatalogEntry } from './truth.ts'

const kontor = await startKontor(t)
const guid = () => crypto.randomUUID()
const user = { user_id: guid() }
const organization = guid()
const space = guid()

// lib/services/service_brokers/v2/http_client.rb
const headers = () => ({
  accept: 'application/json',
  'x-broker-api-version': '2.15',
  'x-vcap-request-id': `${guid()}::${guid()}`,
  'x-broker-api-request-identity': guid(),
  'x-api-info-location': 'api.cf.example.com/v2/info',
  'x-broker-api-originating-identity': `cloudfoundry ${Buffer.from(JSON.stringify(user)).toString('base64')}`,
  'user-agent': 'HTTPClient/1.0',
})

const send = async (
  method: string,
  path: string,
  query: Record<string, string> = {},
  body?: object,
): Promise<Reply> => {
  const given = headers()
  const text = new URLSearchParams(query).toString()
  const reply = await kontor.call(method, `${path}${text === '' ? '' : `?${text}`}`, body, given)
  t.equal(reply.headers['x-broker-api-request-identity'], given['x-broker-api-request-identity'])
  return reply
}

const context = (instanceName?: string) => ({
  platform: 'cloudfoundry',
  organization_guid: organization,
  organization_name: 'musterstadt',
  organization_annotations: {},
  space_guid: space,
  space_name: 'it-amt',
  space_annotations: {},
  ...(instanceName === undefined ? {} : { instance_name: instanceName, instance_annotations: {} }),
})

/**
 * Polls as its job does: ids and the operation of the 202, until the state is final; 410 ends a
 * delete.
 */
async function through(
  t: Test,
  path: string,
  reply: Reply,
  ids: Record<string, string>,
): Promise<void> {
  t.ok([200, 201, 202].includes(reply.status), reply.text)
  if (reply.status !== 202) return
  const query = { operation: String(reply.body.operation), ...ids, cc_polls: '1' }
  t.equal((await send('GET', `${path}/last_operation`, query)).status, 200)
  const last = await finished(kontor.call, path, reply.body.operation)
  t.ok(last.status === 410 || last.body.state === 'succeeded', last.text)
}

for (const mode of ['sync', 'async'] as const) {
  t.test(`a whole life with a provider that is ${mode}`, async (t) => {
    const provider = await kontor.addProvider(mode, { behaviours: behaviours[mode] })
    const catalog = await send('GET', '/v2/catalog')
    const { offering, small, large } = choose(catalog.body as { services: CatalogEntry[] }, mode)
    const maintenance = offering.plans[0]?.maintenance_info
    t.ok(offering.bindings_retrievable, 'without it Cloud Controller takes no asynchronous bind')
    const instance = `/v2/service_instances/${guid()}`
    const ids = (plan: string) => ({ service_id: offering.id, plan_id: plan })
    const incomplete = { accepts_incomplete: 'true' }

    const provision = {
      ...ids(small),
      organization_guid: organization,
      space_guid: space,
      context: context('db'),
      parameters: { size: 1 },
      maintenance_info: maintenance,
    }
    const created = await send('PUT', instance, { ...incomplete, an_unknown_one: 'x' }, provision)
    t.match(created.body.dashboard_url, /^http/)
    await through(t, instance, created, ids(small))
    t.match((await send('GET', instance, ids(small))).body, {
      ...ids(small),
      parameters: { size: 1 },
    })

    // The plan is changed, then only parameters, then only the version.
    const previous = (plan: string) => ({
      plan_id: plan,
      service_id: offering.id,
      organization_id: organization,
      space_id: space,
      maintenance_info: maintenance,
    })
    await through(
      t,
      instance,
      await send('PATCH', instance, incomplete, {
        ...ids(large),
        context: context('db'),
        previous_values: previous(small),
        maintenance_info: maintenance,
      }),
      ids(small),
    )
    await through(
      t,
      instance,
      await send('PATCH', instance, incomplete, {
        service_id: offering.id,
        plan_id: large,
        context: context('db'),
        previous_values: previous(large),
        parameters: { size: 2 },
      }),
      ids(large),
    )
    await through(
      t,
      instance,
      await send('PATCH', instance, incomplete, {
        service_id: offering.id,
        context: context('db'),
        previous_values: previous(large),
        maintenance_info: maintenance,
      }),
      ids(large),
    )

    // An app's binding and a service key.
    const resources = [
      { app_guid: guid(), space_guid: space, app_annotations: {} },
      { credential_client_id: 'cc_service_key_client' },
    ]
    for (const resource of resources) {
      const binding = `${instance}/service_bindings/${guid()}`
      const app = 'app_guid' in resource ? { app_guid: resource.app_guid } : {}
      const bound = await send('PUT', binding, incomplete, {
        ...ids(large),
        ...app,
        bind_resource: resource,
        context: context(),
      })
      await through(t, binding, bound, ids(large))
      const fetched = await send('GET', binding, ids(large))
      t.equal(fetched.status, 200)
      t.match(fetched.body.credentials, { username: /\S/, password: /\S/ })
      if (bound.status === 201) t.strictSame(bound.body, fetched.body)
      await through(
        t,
        binding,
        await send('DELETE', binding, { ...incomplete, ...ids(large) }),
        ids(large),
      )
      t.equal((await send('DELETE', binding, { ...incomplete, ...ids(large) })).status, 410)
    }
    await through(
      t,
      instance,
      await send('DELETE', instance, { ...incomplete, ...ids(large) }),
      ids(large),
    )
    t.equal((await send('DELETE', instance, { ...incomplete, ...ids(large) })).status, 410)
    await nothingIsLeft(t, kontor, provider, { instances: 1, bindings: 2 })
  })

  t.test(
    `an order that failed is deleted up to eleven times, the provider being ${mode}`,
    async (t) => {
      const name = `${mode}-orphans`
      const provider = await kontor.addProvider(name, { behaviours: behaviours[mode] })
      const { offering, small } = choose(
        (await send('GET', '/v2/catalog')).body as { services: CatalogEntry[] },
        name,
      )
      const ids = { service_id: offering.id, plan_id: small }
      for (const action of [
        { status: 500 },
        { malformed: 'html', status: 201 },
        { failOperation: { description: 'Disk full.' } },
      ] as const) {
        const instance = `/v2/service_instances/${guid()}`
        provider.simulator.faults.add({ on: 'provision', when: 'after', do: action })
        const ordered = await send(
          'PUT',
          instance,
          { accepts_incomplete: 'true' },
          { ...ids, organization_guid: organization, space_guid: space, context: context('db') },
        )
        t.equal(ordered.status, 202)
        // It sends its DELETE at once, and again later when it is refused: during Kontor's own
        // orphan mitigation it has to wait.
        const deletes: Reply[] = []
        for (let retries = 0; retries < 11; retries++) {
          deletes.push(await send('DELETE', instance, { accepts_incomplete: 'true', ...ids }))
          if (deletes.at(-1)?.status === 202)
            await finished(kontor.call, instance, deletes.at(-1)?.body.operation)
          if (deletes.at(-1)?.status === 422)
            await finished(kontor.call, instance, ordered.body.operation)
        }
        t.strictSame(
          deletes
            .filter(
              ({ status, body }) =>
                ![200, 202, 410].includes(status) && body.error !== 'ConcurrencyError',
            )
            .map(({ text }) => text),
          [],
          'none of them is refused for good',
        )
        t.equal(deletes.at(-1)?.status, 410)
      }
      await nothingIsLeft(t, kontor, provider, { instances: 3, bindings: 0 })
    },
  )
}

/** Every parameter schema of a catalog, by the place where it stands. */
function schemasOf(catalog: unknown): Array<readonly [place: string, Record<string, unknown>]> {
  const found: Array<readonly [string, Record<string, unknown>]> = []
  const visit = (part: unknown, place: string): void => {
    if (part === null || typeof part !== 'object') return
    for (const [key, value] of Object.entries(part))
      if (key === 'parameters') found.push([place, value as Record<string, unknown>])
      else visit(value, `${place}/${key}`)
  }
  visit(catalog, '')
  return found
}

t.test('its catalog holds only schemas that it takes, and loses no plan for another', async (t) => {
  const later = { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' }
  const rewritable = {
    ...later,
    $defs: { size: { exclusiveMinimum: 0, type: 'integer' } },
    properties: { size: { $ref: '#/$defs/size' }, kind: { const: 'db' } },
    dependentRequired: { kind: ['size'] },
  }
  const unfit = {
    ...later,
    allOf: [{ properties: { a: { type: 'string' } } }],
    unevaluatedProperties: false,
  }
  const plain = { $schema: 'http://json-schema.org/draft-04/schema#', type: 'object' }
  const schemas = {
    service_instance: { create: { parameters: rewritable }, update: { parameters: unfit } },
    service_binding: { create: { parameters: plain } },
  }
  const plan = { id: 'p', name: 'p', description: 'A plan', schemas }
  const offering = { id: 'o', name: 'o', description: 'An offering', bindable: true, plans: [plan] }
  const { view } = await kontor.addProvider('later', { catalog: { services: [offering] } })
  t.match(view.catalog, {
    offerings: 1,
    findings: [
      {
        path: '/services/0/plans/0/schemas/service_instance/update/parameters',
        effect: 'note',
        problem:
          /Cloud Foundry get the plan without this schema.*: it has unevaluatedProperties\.$/,
      },
    ],
  })
  const cf = await createPlatform(kontor, 'cf', { kind: 'cloudfoundry' })
  await kontor.running.runtime.refresh()
  const planIn = ({ body }: Reply) =>
    (body.services as CatalogEntry[]).find(({ name }) => name === 'later-o')?.plans[0]
  const forOthers = await kontor.call('GET', '/v2/catalog')
  t.match(planIn(forOthers), { schemas })
  const forIt = await cf.call('GET', '/v2/catalog')
  t.strictSame(
    schemasOf(forIt.body)
      .map(([place, schema]) => [place, refusalOfSchema(schema)])
      .filter(([, refusal]) => refusal !== undefined),
    [],
  )
  t.match(planIn(forIt), {
    id: planIn(forOthers)?.id,
    schemas: {
      service_instance: {
        create: {
          parameters: {
            definitions: { size: { minimum: 0, exclusiveMinimum: true, type: 'integer' } },
            properties: { size: { $ref: '#/definitions/size' }, kind: { enum: ['db'] } },
            dependencies: { kind: ['size'] },
          },
        },
      },
      service_binding: { create: { parameters: plain } },
    },
  })
  t.notOk(forIt.text.includes('unevaluatedProperties'))
  t.not(forIt.headers['etag'], forOthers.headers['etag'])
  t.equal(forIt.headers['last-modified'], undefined)
  const known = { 'if-none-match': String(forIt.headers['etag']) }
  t.equal((await cf.call('GET', '/v2/catalog', undefined, known)).status, 304)

  const dated = { 'if-modified-since': String(forOthers.headers['last-modified']) }
  t.equal((await kontor.admin('PATCH', '/api/platforms/cf', { kind: 'kubernetes' })).status, 200)
  await kontor.running.runtime.refresh()
  t.equal((await cf.call('GET', '/v2/catalog')).text, forOthers.text)
  t.equal((await kontor.admin('PATCH', '/api/platforms/cf', { kind: 'cloudfoundry' })).status, 200)
  await kontor.running.runtime.refresh()
  t.equal(
    (await cf.call('GET', '/v2/catalog', undefined, dated)).text,
    forIt.text,
    'the date of the other catalog does not count',
  )
})
