// ERR: Kontor's own errors, and how it handles a provider's errors.
import t from 'tap'
import { catalogOf } from '../support/catalogs.ts'
import { everyCall } from '../support/every-call.ts'
import { finished, here, startKontor, until, type Reply } from '../support/kontor.ts'
import { answer, type Script } from '../support/scripted-upstream.ts'
import { scriptedProvider } from '../support/scripted-provider.ts'
import { traces } from '../support/witness.ts'

t.setTimeout(60_000)

const kontor = await startKontor(t)
const {
  call,
  running: { runtime },
} = kontor
const provider = await scriptedProvider(t, kontor, 'nord')
const small = await kontor.find('nord', 'db', 'small')
const large = await kontor.find('nord', 'db', 'large')
const app = await kontor.find('nord', 'app')
const order = { ...small, ...here }
const ids = `service_id=${small.service_id}&plan_id=${small.plan_id}`

const changing = ['provision', 'update', 'bind', 'unbind', 'deprovision'] as const
type Changing = (typeof changing)[number]
let count = 0

/** An instance with a binding, and orders of each kind on it: provision and bind use new ids. */
async function prepared() {
  const id = `err-${++count}`
  const I = `/v2/service_instances/${id}`
  await provider.withGoodResponses(async () => {
    for (const reply of [
      await call('PUT', I, { ...order, parameters: { size: 1 } }),
      await call('PUT', `${I}/service_bindings/${id}-b`, small),
    ])
      if (reply.status !== 201) throw new Error(reply.text)
  })
  provider.upstream.requests.length = 0
  const B = `${I}/service_bindings/${id}-b`
  const submit = (kind: Changing, ai = false, body: object = {}): Promise<Reply> => {
    const query = ai ? 'accepts_incomplete=true' : ''
    switch (kind) {
      case 'provision':
        return call('PUT', `${I}-new?${query}`, { ...order, ...body })
      case 'update':
        return call('PATCH', `${I}?${query}`, {
          service_id: small.service_id,
          parameters: { size: 2 },
          ...body,
        })
      case 'bind':
        return call('PUT', `${B}-new?${query}`, { ...small, ...body })
      case 'unbind':
        return call('DELETE', `${B}?${ids}&${query}`)
      case 'deprovision':
        return call('DELETE', `${I}?${ids}&${query}`)
      default:
        return kind satisfies never
    }
  }
  /** The platform's view, once all operations have ended. */
  const seen = async () => {
    await until(
      async () =>
        (
          await runtime.db
            .selectFrom('operations')
            .select('id')
            .where('instance_id', 'in', [id, `${id}-new`])
            .where('finished_at', 'is', null)
            .execute()
        ).length,
      (running) => running === 0,
    )
    return Promise.all(
      [I, B, `${I}-new`, `${B}-new`].map(async (path) => {
        const { status, body } = await call('GET', path)
        return [status, status === 200 ? body : undefined]
      }),
    )
  }
  return { id, I, B, submit, seen }
}

t.test('ERR-01 each case has the status that the specification names', async (t) => {
  provider.reset()
  const { I, B } = await prepared()
  const other = { 'x-broker-api-version': '3.0' }
  const cases: Array<[number, ...Parameters<typeof call>]> = [
    [200, 'GET', '/v2/catalog'],
    [400, 'GET', '/v2/catalog', undefined, { 'x-broker-api-version': '' }],
    [412, 'GET', '/v2/catalog', undefined, other],
    [401, 'GET', '/v2/catalog', undefined, { authorization: '' }],
    [201, 'PUT', `${I}-01`, order],
    [200, 'PUT', `${I}-01`, order],
    [409, 'PUT', `${I}-01`, { ...order, plan_id: large.plan_id }],
    [400, 'PUT', `${I}-02`, {}],
    [400, 'PUT', `${I}-02`, { ...order, plan_id: 'none' }],
    [422, 'PUT', `${I}-02`, { ...order, maintenance_info: { version: '9.9.9' } }],
    [200, 'GET', I],
    [404, 'GET', `${I}-none`],
    [200, 'PATCH', I, { service_id: small.service_id, parameters: {} }],
    [400, 'PATCH', I, {}],
    [400, 'PATCH', I, { ...small, plan_id: 'none' }],
    [422, 'PATCH', I, { ...small, maintenance_info: { version: '9.9.9' } }],
    [200, 'GET', `${I}/last_operation`],
    [404, 'GET', `${I}-none/last_operation`],
    [400, 'GET', `${I}/last_operation?operation=`],
    [201, 'PUT', `${B}-01`, small],
    [200, 'PUT', `${B}-01`, small],
    [409, 'PUT', `${B}-01`, { ...small, parameters: { a: 1 } }],
    [400, 'PUT', `${B}-02`, {}],
    [200, 'GET', B],
    [404, 'GET', `${B}-none`],
    [200, 'GET', `${B}/last_operation`],
    [404, 'GET', `${B}-none/last_operation`],
    [400, 'DELETE', B],
    [200, 'DELETE', `${B}?${ids}`],
    [410, 'DELETE', `${B}?${ids}`],
    [404, 'GET', B],
    [400, 'DELETE', I],
    [200, 'DELETE', `${I}?${ids}`],
    [410, 'DELETE', `${I}?${ids}`],
    [404, 'GET', I],
  ]
  for (const [status, ...request] of cases) {
    const reply = await call(...request)
    t.equal(
      reply.status,
      status,
      `${request[0]} ${request[1]} ${JSON.stringify(request[2])}: ${reply.text}`,
    )
  }
})

const sentence = /\S{2,}/
const reserved = ['AsyncRequired', 'ConcurrencyError', 'RequiresApp', 'MaintenanceInfoConflict']

t.test('ERR-02 error and description are texts that are not empty, or are left out', async (t) => {
  const wellFormed = ({ body }: Reply, name: string) => {
    t.ok(
      body.error === undefined || reserved.includes(body.error),
      `${name}: ${String(body.error)}`,
    )
    t.match(body.description, sentence, name)
  }
  provider.reset()
  for (const [status, error, description] of [
    [400, '', ''],
    [422, '', ''],
    [422, 'two words', null],
    [422, 17, 17],
    [500, null, '   '],
    [503, {}, []],
    [409, 'X', '\u0000'],
    [429, undefined, undefined],
    [200, 'x', 'y'],
  ] as const) {
    provider.reset()
    const { submit } = await prepared()
    for (const kind of changing.slice(0, 3)) {
      provider.respond({
        [kind]: answer(status, status === 200 ? 'no JSON' : { error, description }),
      })
      const reply = await submit(kind)
      t.ok(reply.status >= 400, `${kind} ${status}`)
      wellFormed(reply, `${kind}, ${status} of the provider`)
    }
  }
  provider.reset()
  for (const { method, path, body } of everyCall(small, 'err-none', 'err-none')) {
    for (const headers of [
      { 'x-broker-api-version': '' },
      { 'x-broker-api-version': '3.0' },
      { authorization: '' },
    ])
      wellFormed(await call(method, path, body, headers), `${method} ${path}`)
    if (method !== 'PUT' && path !== '/v2/catalog')
      wellFormed(await call(method, path, body), `${method} ${path}`)
  }
  const { I } = await prepared()
  provider.respond({
    update: answer(202, {}),
    last_operation: answer(200, { state: 'failed', description: '' }),
  })
  const {
    body: { operation },
  } = await call('PATCH', `${I}?accepts_incomplete=true`, {
    service_id: small.service_id,
    parameters: { size: 9 },
  })
  t.match((await finished(call, I, operation)).body, { state: 'failed', description: sentence })
})

t.test(
  'ERR-03 the four reserved words are spelt so, come with 422 and with nothing else',
  async (t) => {
    const says = async (word: string | undefined, reply: Promise<Reply>, name: string) => {
      const { status, body } = await reply
      t.strictSame([status, body.error], [422, word], name)
      t.match(body.description, sentence, name)
    }
    provider.reset()
    const { I, B, submit } = await prepared()
    provider.respond({
      update: answer(202, { operation: 'x' }),
      last_operation: answer(200, { state: 'in progress' }),
    })
    t.equal((await submit('update', true)).status, 202)
    await says(
      'AsyncRequired',
      submit('update'),
      'the update that runs, without accepts_incomplete',
    )
    await says(
      'ConcurrencyError',
      submit('update', true, { parameters: { size: 3 } }),
      'another update meanwhile',
    )
    await says('ConcurrencyError', submit('bind'), 'a bind meanwhile')
    await says('ConcurrencyError', submit('deprovision', true), 'a deprovision meanwhile')
    provider.respond({ last_operation: undefined })
    await finished(call, I)
    await says(
      'MaintenanceInfoConflict',
      call('PUT', `${I}-9`, { ...order, maintenance_info: { version: '9.9.9' } }),
      'provision',
    )
    await says(
      'MaintenanceInfoConflict',
      call('PATCH', I, { service_id: small.service_id, maintenance_info: { version: '9.9.9' } }),
      'update',
    )
    for (const [word, kinds] of [
      ['AsyncRequired', changing],
      ['ConcurrencyError', changing],
      ['RequiresApp', ['bind']],
      ['MaintenanceInfoConflict', ['provision', 'update']],
    ] as const) {
      for (const kind of kinds) {
        provider.respond({ [kind]: answer(422, { error: word }) })
        await says(
          word,
          submit(kind, false, kind === 'update' ? { parameters: { size: 4 } } : {}),
          `${kind}: ${word} of the provider`,
        )
      }
    }
    for (const word of ['asyncRequired', 'ASYNCREQUIRED', 'Else', '']) {
      provider.respond({ provision: answer(422, { error: word, description: 'No.' }) })
      await says(undefined, submit('provision'), `${word} of the provider is a plain no`)
    }
    provider.respond({ provision: answer(400, { error: 'ConcurrencyError', description: 'No.' }) })
    t.match(
      await submit('provision'),
      { status: 400, body: { error: undefined } },
      'with another status a word means nothing',
    )
    t.equal((await call('GET', B)).status, 200)
  },
)

const flags = { instance_usable: false, update_repeatable: false }
const mayHave: Record<Changing, readonly string[]> = {
  provision: [],
  bind: [],
  unbind: [],
  update: ['instance_usable', 'update_repeatable'],
  deprovision: ['instance_usable'],
}
const flagsIn = (body: object) => Object.keys(flags).filter((name) => name in body)

t.test(
  'ERR-04 ERR-05 the flags of a failure stand only where the specification has them',
  async (t) => {
    for (const status of [422, 500]) {
      for (const kind of changing) {
        provider.reset()
        const { submit } = await prepared()
        provider.respond({ [kind]: answer(status, { description: 'No.', ...flags }) })
        const reply = await submit(kind)
        t.ok(reply.status >= 400)
        t.strictSame(flagsIn(reply.body), mayHave[kind], `${kind}, ${status}`)
        for (const name of mayHave[kind]) t.equal(reply.body[name], false, name)
      }
    }
    for (const kind of changing) {
      provider.reset()
      const { submit, I, B } = await prepared()
      const failed = answer(200, { state: 'failed', description: 'No.', ...flags })
      provider.respond({
        [kind]: answer(202, { operation: 'x' }),
        last_operation: failed,
        binding_last_operation: failed,
      })
      const { status, body } = await submit(kind, true)
      t.equal(status, 202)
      const path = {
        provision: `${I}-new`,
        update: I,
        deprovision: I,
        bind: `${B}-new`,
        unbind: B,
      }[kind]
      const report = await finished(call, path, body.operation)
      t.equal(report.body.state, 'failed')
      t.strictSame(flagsIn(report.body), mayHave[kind], `last_operation of ${kind}`)
    }
    provider.reset()
    for (const { method, path, body } of everyCall(small, 'err-none', 'err-none')) {
      const reply = await call(method, path, body, { 'x-broker-api-version': '' })
      t.strictSame(flagsIn(reply.body), [], `${method} ${path}, refused by ourselves`)
    }
  },
)

t.test('ERR-06 a flag that is absent is true', async (t) => {
  for (const [body, isUsable] of [
    [{}, true],
    [{ instance_usable: true }, true],
    [{ instance_usable: false }, false],
  ] as const) {
    for (const kind of ['update', 'deprovision'] as const) {
      provider.reset()
      const { submit, I } = await prepared()
      provider.respond({ [kind]: answer(400, { description: 'No.', ...body }) })
      t.equal((await submit(kind)).status, 400)
      t.equal(
        (await submit('bind')).status,
        isUsable ? 201 : 422,
        `a bind after ${kind} with ${JSON.stringify(body)}`,
      )
      // The platform may repeat the update.
      provider.reset()
      t.equal((await submit('update')).status, 200)
      t.equal(provider.requests('update').length, 1)
      t.equal((await call('GET', I)).body.parameters.size, 2)
    }
  }
})

t.test(
  'ERR-07 what is malformed or lacks something mandatory is 400 at each endpoint',
  async (t) => {
    provider.reset()
    const { I, B } = await prepared()
    const before = await traces(runtime.db)
    const missing: Array<Parameters<typeof call>> = [
      ...['service_id', 'plan_id', 'organization_guid', 'space_guid'].flatMap(
        (field): Array<Parameters<typeof call>> =>
          [undefined, ''].map((value) => ['PUT', `${I}-07`, { ...order, [field]: value }]),
      ),
      ...['service_id', 'plan_id'].flatMap((field): Array<Parameters<typeof call>> =>
        [undefined, ''].map((value) => ['PUT', `${B}-07`, { ...small, [field]: value }]),
      ),
      ['PATCH', I, {}],
      ['PATCH', I, { service_id: '' }],
      ...[I, B].flatMap((path): Array<Parameters<typeof call>> =>
        [
          '',
          `service_id=${small.service_id}`,
          `plan_id=${small.plan_id}`,
          `service_id=&plan_id=${small.plan_id}`,
          `service_id=${small.service_id}&plan_id=`,
        ].map((query) => ['DELETE', `${path}?${query}`]),
      ),
      ...[I, B].flatMap((path): Array<Parameters<typeof call>> =>
        ['operation=', 'service_id=', 'plan_id=', 'operation=a&operation=b'].map((query) => [
          'GET',
          `${path}/last_operation?${query}`,
        ]),
      ),
      ...(
        [
          ['PUT', `${I}-07`],
          ['PATCH', I],
          ['PUT', `${B}-07`],
        ] as const
      ).flatMap(([method, path]): Array<Parameters<typeof call>> =>
        ['{', '[]', 'null'].map((body) => [method, path, body]),
      ),
    ]
    for (const request of missing)
      t.match(
        await call(...request),
        { status: 400, body: { description: sentence } },
        `${request[0]} ${request[1]} ${JSON.stringify(request[2])}`,
      )
    t.strictSame(await traces(runtime.db), before)
    t.strictSame(provider.upstream.requests, [])
  },
)

t.test('ERR-08 what is well formed but not valid is 400 with a sentence that helps', async (t) => {
  provider.reset()
  const { I, B, submit } = await prepared()
  const cases: Array<[RegExp, ...Parameters<typeof call>]> = [
    [/service_id and plan_id/, 'PUT', `${I}-08`, { ...order, plan_id: 'none' }],
    [/service_id and plan_id/, 'PUT', `${I}-08`, { ...order, service_id: 'none' }],
    [/service_id and plan_id/, 'PUT', `${I}-08`, { ...order, plan_id: app.plan_id }],
    [/plan_id/, 'PATCH', I, { ...small, plan_id: app.plan_id }],
    [/service_id/, 'PATCH', I, { service_id: app.service_id }],
    [/plan_id/, 'PUT', `${B}-08`, { ...small, plan_id: large.plan_id }],
    [/predecessor_binding_id/, 'PUT', `${B}-08`, { predecessor_binding_id: 'none' }],
    [/plan_id/, 'DELETE', `${I}?service_id=${small.service_id}&plan_id=${large.plan_id}`],
    [/service_id/, 'DELETE', `${B}?service_id=${app.service_id}&plan_id=${small.plan_id}`],
  ]
  for (const [says, ...request] of cases)
    t.match(
      await call(...request),
      { status: 400, body: { description: says, error: undefined } },
      `${request[0]} ${request[1]} ${JSON.stringify(request[2])}`,
    )
  t.strictSame(provider.upstream.requests, [])
  provider.respond({ provision: answer(400, { description: 'The size must be even.' }) })
  t.match(
    await submit('provision'),
    { status: 400, body: { description: 'nord: The size must be even.' } },
    "and so the provider's own",
  )
})

t.test('ERR-09 after a 4xx everything is as before', async (t) => {
  for (const status of [400, 409, 422, 429]) {
    for (const kind of changing) {
      if (status === 409) continue
      provider.reset()
      const { submit, seen } = await prepared()
      // A platform unbinds first: Kontor would unbind before the deprovision, and cannot undo it.
      if (kind === 'deprovision') await submit('unbind')
      const before = await seen()
      provider.respond({ [kind]: answer(status, { description: 'No.' }) })
      const reply = await submit(kind)
      t.equal(reply.status, status, `${kind}: ${reply.text}`)
      t.strictSame(await seen(), before, `${kind} after ${status}`)
      provider.reset()
      t.ok((await submit(kind)).status < 300, `${kind} succeeds once the provider answers well`)
    }
  }
  // A request that Kontor refuses leaves no row and does not reach the provider: URL, CT, ERR-07.
})

t.test('ERR-10 after a 5xx everything is as before', async (t) => {
  for (const status of [500, 503]) {
    for (const kind of changing) {
      provider.reset()
      const { submit, seen } = await prepared()
      // A platform unbinds first: Kontor would unbind before the deprovision, and cannot undo it.
      if (kind === 'deprovision') await submit('unbind')
      const before = await seen()
      provider.respond({ [kind]: answer(status, { description: 'No.' }) })
      t.equal((await submit(kind)).status, 502)
      t.strictSame(await seen(), before, `${kind} after ${status}`)
      if (kind === 'provision')
        t.equal(provider.requests('deprovision').length, 1, 'orphan mitigation removes it')
      if (kind === 'bind') t.equal(provider.requests('unbind').length, 1)
    }
  }
})

t.test('ERR-11 a status that is not listed is a failure', async (t) => {
  const unlisted: Record<Changing, readonly number[]> = {
    provision: [203, 302, 404, 410],
    bind: [206, 302, 404, 410],
    update: [201, 302, 404, 409],
    unbind: [201, 302, 409],
    deprovision: [201, 302, 418],
  }
  for (const kind of changing) {
    for (const status of unlisted[kind]) {
      provider.reset()
      const { submit, seen } = await prepared()
      // A platform unbinds first: Kontor would unbind before the deprovision, and cannot undo it.
      if (kind === 'deprovision') await submit('unbind')
      const before = await seen()
      provider.respond({
        [kind]: answer(
          status,
          {},
          status === 302 ? { location: `${provider.upstream.url}/v2/catalog` } : {},
        ),
      })
      const reply = await submit(kind)
      t.equal(reply.status, 502, `${kind} ${status}: ${reply.text}`)
      t.strictSame(await seen(), before, `${kind} ${status}: what there was is still remembered`)
    }
  }
  for (const status of [201, 302, 418]) {
    provider.reset()
    const { submit, seen } = await prepared()
    const before = await seen()
    provider.respond({
      update: answer(500),
      fetch_instance: answer(status, { parameters: { size: 2 } }),
    })
    await submit('update')
    await until(
      () => provider.requests('fetch_instance').length,
      (fetches) => fetches > 0,
    )
    provider.respond({ fetch_instance: undefined })
    t.strictSame(await seen(), before, `a fetch with ${status} says nothing`)
  }
})

t.test('ERR-12 AsyncRequired is not answered with the same request again', async (t) => {
  for (const kind of changing) {
    provider.reset()
    const { submit } = await prepared()
    const synchronousRefused: Script = (request, response) =>
      (request.query.get('accepts_incomplete') === 'true'
        ? answer(200)
        : answer(422, { error: 'AsyncRequired' }))(request, response)
    provider.respond({ [kind]: synchronousRefused })
    t.match(await submit(kind), { status: 422, body: { error: 'AsyncRequired' } })
    t.equal(provider.requests(kind).length, 1, `${kind}: one try`)
    t.ok(
      (await submit(kind, true)).status < 300,
      `${kind}: with accepts_incomplete it goes through`,
    )
    t.strictSame(
      provider.requests(kind).map(({ query }) => query.get('accepts_incomplete')),
      [null, 'true'],
    )
    // A provider that answers AsyncRequired in spite of accepts_incomplete.
    provider.reset()
    const again = await prepared()
    provider.respond({ [kind]: answer(422, { error: 'AsyncRequired' }) })
    const reply = await again.submit(kind, true)
    t.match(reply, { status: 502, body: { error: undefined } }, `${kind}: ${reply.text}`)
    t.equal(provider.requests(kind).length, 1)
  }
})

t.test('ERR-13 RequiresApp is passed down, and a bind with an app goes through', async (t) => {
  provider.reset()
  const { I, id } = await prepared()
  provider.respond({
    bind: (request, response) => {
      const { bind_resource: resource, app_guid: guid } = request.body as {
        bind_resource?: { app_guid?: string }
        app_guid?: string
      }
      const script =
        (resource?.app_guid ?? guid) === undefined
          ? answer(422, { error: 'RequiresApp', description: 'For apps only.' })
          : answer(201, { credentials: {} })
      script(request, response)
    },
  })
  const B = `${I}/service_bindings/${id}-app`
  t.match(await call('PUT', B, small), {
    status: 422,
    body: { error: 'RequiresApp', description: /For apps only/ },
  })
  t.equal(provider.requests('bind').length, 1, 'it is not sent again without one')
  t.strictSame(provider.requests('unbind'), [], 'and nothing is cleaned up')
  t.equal((await call('PUT', B, { ...small, bind_resource: { app_guid: 'app-1' } })).status, 201)
  t.equal((await call('PUT', `${B}-2`, { ...small, app_guid: 'app-2' })).status, 201)
})

t.test(
  'ERR-14 after MaintenanceInfoConflict the catalog of that provider is read again',
  async (t) => {
    for (const kind of ['provision', 'update'] as const) {
      provider.reset()
      await provider.refresh()
      const { submit } = await prepared()
      const services = catalogOf('nord').services.map((offering) => ({
        ...offering,
        plans: offering.plans.map((plan) => ({ ...plan, maintenance_info: { version: '2.0.0' } })),
      }))
      provider.respond({ catalog: answer(200, { services }) })
      provider.respond({
        [kind]: answer(422, {
          error: 'MaintenanceInfoConflict',
          description: 'It is 2.0.0 now.',
        }),
      })
      t.match(await submit(kind, false, { maintenance_info: { version: '1.0.0' } }), {
        status: 422,
        body: { error: 'MaintenanceInfoConflict' },
      })
      t.equal(provider.requests(kind).length, 1)
      const { body } = await until(
        () => call('GET', '/v2/catalog'),
        (reply) => reply.text.includes('"2.0.0"'),
      )
      t.equal(body.services[0].plans[0].maintenance_info.version, '2.0.0', 'and published')
      t.equal(provider.requests('catalog').length, 1)
      provider.respond({ [kind]: undefined })
      t.ok(
        (await submit(kind, false, { maintenance_info: { version: '2.0.0' } })).status < 300,
        'with that version it goes through',
      )
    }
    provider.reset()
    await provider.refresh()
  },
)

t.test('ERR-15 an unreadable error body: the status alone decides', async (t) => {
  const bodies = [
    '',
    '<!doctype html><h1>Oops</h1>',
    'not JSON',
    '{"error":',
    '[]',
    'null',
    '17',
    '{}',
    '{"error":"MadeUpByTheProvider"}',
    '{"error":{"a":1},"description":[]}',
    Buffer.from([0xff, 0xfe, 0x00]),
  ]
  for (const [status, expected] of [
    [400, 400],
    [422, 422],
    [429, 429],
    [404, 502],
  ] as const) {
    provider.reset()
    const { submit } = await prepared()
    for (const body of bodies) {
      for (const kind of ['provision', 'update'] as const) {
        provider.respond({ [kind]: answer(status, body) })
        t.match(
          await submit(kind),
          { status: expected, body: { description: sentence, error: undefined } },
          `${kind}: ${status} with ${JSON.stringify(body)}`,
        )
      }
    }
  }
  // One instance each, because orphan mitigation follows each of them.
  for (const body of bodies) {
    provider.reset()
    provider.respond({ provision: answer(503, body) })
    t.match(
      await call('PUT', `/v2/service_instances/err-503-${++count}`, order),
      { status: 502, body: { description: sentence, error: undefined } },
      `503 with ${JSON.stringify(body)}`,
    )
  }
})
