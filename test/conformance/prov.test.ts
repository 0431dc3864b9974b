// PROV: PUT /v2/service_instances/:instance_id, from the platform and to the provider.
import t, { type Test } from 'tap'
import { finished, here, startKontor, until } from '../support/kontor.ts'
import { answer, type Script } from '../support/scripted-upstream.ts'
import {
  accepted,
  hang,
  inProgress,
  generousLimits,
  scriptedProvider,
  succeeded,
} from '../support/scripted-provider.ts'

t.jobs = 6
const kontor = await startKontor(t, { environment: generousLimits })
const { call } = kontor
const db = kontor.running.runtime.db

const row = (name: string, check: (t: Test) => Promise<void>) =>
  void t.test(name, { buffered: true }, check)
const I = (id: string) => `/v2/service_instances/${id}`
const rowsOf = (id: string) =>
  db.selectFrom('instances').selectAll().where('instance_id', '=', id).orderBy('id').execute()

row('PROV-01 the two ids and the two guids are needed, non-empty, and sent on so', async (t) => {
  const provider = await scriptedProvider(t, kontor, 'one')
  for (const field of ['service_id', 'plan_id', 'organization_guid', 'space_guid']) {
    for (const value of [undefined, '', null, 1]) {
      const { status, body } = await provider.order('provision', 'one-1', {
        body: { [field]: value },
      })
      t.match(
        { status, body },
        { status: 400, body: { description: new RegExp(field) } },
        `${field}: ${JSON.stringify(value)}`,
      )
    }
  }
  t.strictSame(provider.requests(), [])
  t.strictSame(await rowsOf('one-1'), [])
  t.equal(
    (
      await provider.order('provision', 'one-1', {
        body: { organization_guid: 'o', space_guid: 's' },
      })
    ).status,
    201,
  )
  t.match(provider.requests('provision')[0]?.body, {
    service_id: 'one-db',
    plan_id: 'one-db-small',
    organization_guid: 'o',
    space_guid: 's',
  })
})

row(
  'PROV-02 a service_id that is not in the catalog is 400; the provider gets one of its own catalog',
  async (t) => {
    const provider = await scriptedProvider(t, kontor, 'two')
    for (const unknown of ['unknown', 'two-db', provider.small.plan_id]) {
      const { status, body } = await provider.order('provision', 'two-1', {
        body: { service_id: unknown },
      })
      t.match({ status, body }, { status: 400, body: { description: /service_id/ } }, unknown)
    }
    t.strictSame(provider.requests(), [])
    t.strictSame(await rowsOf('two-1'), [])
    await provider.order('provision', 'two-1')
    t.match(provider.requests('provision')[0]?.body, { service_id: 'two-db' })
  },
)

row(
  'PROV-03 a plan_id that is unknown or of another offering is 400; the provider gets one of that offering',
  async (t) => {
    const provider = await scriptedProvider(t, kontor, 'three')
    const app = await kontor.find('three', 'app')
    for (const unknown of ['unknown', 'three-db-small', provider.small.service_id, app.plan_id]) {
      const { status, body } = await provider.order('provision', 'three-1', {
        body: { plan_id: unknown },
      })
      t.match({ status, body }, { status: 400, body: { description: /plan_id/ } }, unknown)
    }
    t.strictSame(provider.requests(), [])
    t.strictSame(await rowsOf('three-1'), [])
    await provider.order('provision', 'three-1', { body: provider.large })
    t.match(provider.requests('provision')[0]?.body, { plan_id: 'three-db-large' })
  },
)

row(
  'PROV-04 the instance_id that a provider gets is made anew for each attempt and never used again',
  async (t) => {
    const provider = await scriptedProvider(t, kontor, 'four')
    const another = await kontor.newPlatform('four')
    provider.respond({ provision: [answer(400), answer(201)] })
    t.equal((await provider.order('provision', 'four-1')).status, 400)
    t.equal((await provider.order('provision', 'four-1')).status, 201)
    t.equal(
      (await another('PUT', I('four-1'), { ...provider.small, ...here })).status,
      201,
      "another platform's instance of the same id",
    )
    t.equal((await provider.order('deprovision', 'four-1')).status, 200)
    t.equal((await provider.order('provision', 'four-1')).status, 201)
    const ids = provider
      .requests('provision')
      .map(({ path }) => path.slice('/v2/service_instances/'.length))
    t.equal(new Set(ids).size, 4)
    for (const id of ids) t.match(id, /^[A-Za-z0-9._~-]{20,}$/)
  },
)

row("PROV-05 a synchronous provision is 201 with the provider's fields, or {}", async (t) => {
  const provider = await scriptedProvider(t, kontor, 'five')
  const metadata = { labels: { tier: 'a' }, attributes: { zone: 1 } }
  for (const [index, returned] of [
    {},
    { dashboard_url: 'https://d.example/1' },
    { dashboard_url: 'https://d.example/1', metadata },
  ].entries()) {
    provider.respond({ provision: answer(201, returned) })
    const { status, body } = await provider.order('provision', `five-${index}`)
    t.equal(status, 201)
    t.strictSame(body, returned)
  }
})

row(
  "PROV-06 an asynchronous provision is 202 with an operation and the provider's first fields",
  async (t) => {
    const provider = await scriptedProvider(t, kontor, 'six')
    const returned = { dashboard_url: 'https://d.example/1', metadata: { labels: { tier: 'a' } } }
    provider.respond({ last_operation: inProgress })
    for (const [index, more] of [{}, returned].entries()) {
      provider.respond({ provision: accepted({ operation: 'theirs', ...more }) })
      const {
        status,
        body: { operation, ...rest },
      } = await provider.order('provision', `six-${index}`)
      t.equal(status, 202)
      t.match(operation, /\S/)
      t.strictSame(rest, more)
    }
  },
)

row('PROV-07 the same PUT while running gives 202 and the same operation', async (t) => {
  const provider = await scriptedProvider(t, kontor, 'seven')
  provider.respond({
    provision: accepted({ operation: 'theirs', dashboard_url: 'https://d.example/7' }),
    last_operation: inProgress,
  })
  const body = { parameters: { a: 1, b: { c: 2, d: 3 } }, context: { platform: 'x' } }
  const first = await provider.order('provision', 'seven-1', { body })
  t.equal(first.status, 202)
  for (const same of [
    body,
    { parameters: { b: { d: 3, c: 2 }, a: 1 } },
    { ...body, context: { platform: 'y' } },
    { ...body, maintenance_info: { version: '1.0.0' } },
  ]) {
    const again = await provider.order('provision', 'seven-1', { body: same })
    t.equal(again.status, 202)
    t.strictSame(again.body, first.body)
  }
  t.equal(provider.requests('provision').length, 1)
})

row('PROV-08 the same PUT once provisioned gives 200 with the body of the provision', async (t) => {
  const provider = await scriptedProvider(t, kontor, 'eight')
  const returned = { dashboard_url: 'https://d.example/8', metadata: { labels: { tier: 'a' } } }
  provider.respond({
    provision: [answer(201, returned), accepted({ operation: 'theirs', ...returned })],
    last_operation: [inProgress, succeeded],
  })
  await provider.order('provision', 'eight-sync', { body: { parameters: { a: 1 } } })
  const { body } = await provider.order('provision', 'eight-async', {
    body: { parameters: { a: 1 } },
  })
  await finished(call, I('eight-async'), body.operation)
  for (const id of ['eight-sync', 'eight-async']) {
    for (const ai of [true, false]) {
      const again = await provider.order('provision', id, { ai, body: { parameters: { a: 1 } } })
      t.equal(again.status, 200)
      t.strictSame(again.body, returned)
    }
  }
  t.equal(provider.requests('provision').length, 2)
})

const others = (provider: { large: object }) => [
  { parameters: { a: 2 } },
  { parameters: {} },
  { parameters: { a: 1 }, ...provider.large },
  { parameters: { a: 1 }, organization_guid: 'other' },
  { parameters: { a: 1 }, space_guid: 'other' },
]

row('PROV-09 another PUT under the id of an instance is 409 and leaves it alone', async (t) => {
  const provider = await scriptedProvider(t, kontor, 'nine')
  await provider.order('provision', 'nine-1', { body: { parameters: { a: 1 } } })
  const app = await kontor.find('nine', 'app')
  const before = await rowsOf('nine-1')
  for (const other of [...others(provider), { parameters: { a: 1 }, ...app }]) {
    for (const ai of [true, false]) {
      const { status, body } = await provider.order('provision', 'nine-1', { ai, body: other })
      t.match(
        { status, body },
        { status: 409, body: { error: undefined, description: /\S/ } },
        JSON.stringify(other),
      )
    }
  }
  t.strictSame(await rowsOf('nine-1'), before)
  t.equal(provider.requests().length, 1, 'only the first reached the provider')
})

row(
  'PROV-10 another PUT under the id of an instance that is being made is 409, and the run goes on',
  async (t) => {
    const provider = await scriptedProvider(t, kontor, 'ten')
    provider.respond({ provision: accepted(), last_operation: inProgress })
    const {
      body: { operation },
    } = await provider.order('provision', 'ten-1', { body: { parameters: { a: 1 } } })
    for (const other of others(provider)) {
      for (const ai of [true, false])
        t.equal(
          (await provider.order('provision', 'ten-1', { ai, body: other })).status,
          409,
          JSON.stringify(other),
        )
    }
    t.equal(provider.requests('provision', 'deprovision').length, 1)
    t.match((await call('GET', `${I('ten-1')}/last_operation`)).body, { state: 'in progress' })
    provider.respond({ last_operation: succeeded })
    t.match((await finished(call, I('ten-1'), operation)).body, { state: 'succeeded' })
    t.strictSame((await call('GET', I('ten-1'))).body.parameters, { a: 1 })
  },
)

row(
  'PROV-11 a plan that can only be provisioned asynchronously is 422 AsyncRequired without accepts_incomplete',
  async (t) => {
    const { simulator } = await kontor.addProvider('eleven', {
      behaviours: { '*': { mode: 'async' } },
    })
    const small = await kontor.find('eleven', 'db', 'small')
    for (const ai of ['', '?accepts_incomplete=false']) {
      const { status, body } = await call('PUT', `${I('eleven-1')}${ai}`, { ...small, ...here })
      t.match(
        { status, body },
        { status: 422, body: { error: 'AsyncRequired', description: /\S/ } },
      )
    }
    t.strictSame(simulator.state().instances, [])
    t.equal((await call('GET', I('eleven-1'))).status, 404)
    t.equal(
      (await call('PUT', `${I('eleven-1')}?accepts_incomplete=true`, { ...small, ...here })).status,
      202,
      'with it, it works',
    )
  },
)

row('PROV-12 dashboard_url is in the first answer, 201 or 202', async (t) => {
  const provider = await scriptedProvider(t, kontor, 'twelve')
  const slowly: Script = (request, response) =>
    setTimeout(() => accepted({ dashboard_url: 'https://d.example/late' })(request, response), 400)
  provider.respond({
    provision: [
      answer(201, { dashboard_url: 'https://d.example/1' }),
      accepted({ dashboard_url: 'https://d.example/2' }),
      slowly,
    ],
    last_operation: inProgress,
  })
  t.match(await provider.order('provision', 'twelve-1'), {
    status: 201,
    body: { dashboard_url: 'https://d.example/1' },
  })
  t.match(await provider.order('provision', 'twelve-2'), {
    status: 202,
    body: { dashboard_url: 'https://d.example/2' },
  })
  t.match(
    await provider.order('provision', 'twelve-3'),
    { status: 202, body: { dashboard_url: 'https://d.example/late' } },
    'it is waited for',
  )
})

row(
  'PROV-13 dashboard_url is a string or left out, and a provider that sends another kind of value is at fault',
  async (t) => {
    const provider = await scriptedProvider(t, kontor, 'thirteen')
    provider.respond({
      provision: [
        answer(201, { dashboard_url: null }),
        answer(201, { dashboard_url: 'https://d.example/i?x=ä' }),
      ],
    })
    t.strictSame((await provider.order('provision', 'thirteen-null')).body, {})
    t.strictSame((await provider.order('provision', 'thirteen-text')).body, {
      dashboard_url: 'https://d.example/i?x=ä',
    })
    for (const [index, odd] of [17, {}, ['x'], true].entries()) {
      provider.respond({ provision: answer(201, { dashboard_url: odd }) })
      t.equal(
        (await provider.order('provision', `thirteen-${index}`, { ai: false })).status,
        502,
        JSON.stringify(odd),
      )
    }
  },
)

row('PROV-14 context, parameters and maintenance_info are optional objects', async (t) => {
  const provider = await scriptedProvider(t, kontor, 'fourteen')
  for (const field of ['context', 'parameters', 'maintenance_info']) {
    for (const odd of ['text', 1, true, [], [{}]]) {
      const { status, body } = await provider.order('provision', 'fourteen-1', {
        body: { [field]: odd },
      })
      t.match(
        { status, body },
        { status: 400, body: { description: new RegExp(field) } },
        `${field}: ${JSON.stringify(odd)}`,
      )
    }
  }
  t.strictSame(provider.requests(), [])
  t.equal((await provider.order('provision', 'fourteen-1')).status, 201, 'without any')
  for (const nothing of [null, undefined])
    t.equal(
      (
        await provider.order('provision', 'fourteen-1', {
          body: { context: nothing, parameters: nothing, maintenance_info: nothing },
        })
      ).status,
      200,
      'null is none: the same order',
    )
  t.equal(
    (
      await provider.order('provision', 'fourteen-2', {
        body: { context: {}, parameters: {}, maintenance_info: { version: '1.0.0' } },
      })
    ).status,
    201,
  )
})

row('PROV-15 context and the two deprecated guids are both sent', async (t) => {
  const provider = await scriptedProvider(t, kontor, 'fifteen')
  const context = {
    platform: 'cloudfoundry',
    organization_guid: 'o',
    organization_name: 'O',
    space_guid: 's',
    space_name: 'S',
    instance_name: 'i',
    more: { kept: [1] },
  }
  await provider.order('provision', 'fifteen-1', {
    body: { context, organization_guid: 'o', space_guid: 's' },
  })
  const sent = provider.requests('provision')[0]?.body as Record<string, unknown>
  t.strictSame(sent['context'], context)
  t.match(sent, { organization_guid: 'o', space_guid: 's' })
})

row('PROV-16 200, 201 and 202 of a provider all lead to an instance', async (t) => {
  const provider = await scriptedProvider(t, kontor, 'sixteen')
  for (const [status, ours] of [
    [200, 201],
    [201, 201],
    [202, 202],
  ] as const) {
    provider.respond({
      provision: answer(status, { dashboard_url: `https://d.example/${status}` }),
    })
    const id = `sixteen-${status}`
    const reply = await provider.order('provision', id)
    t.equal(reply.status, ours, 'to the platform it is new')
    if (ours === 202)
      t.match((await finished(call, I(id), reply.body.operation)).body, { state: 'succeeded' })
    t.match(await call('GET', I(id)), {
      status: 200,
      body: { dashboard_url: `https://d.example/${status}` },
    })
  }
  t.strictSame(provider.requests('deprovision'), [])
})

row('PROV-17 any other status is a failure, and is mitigated as the table says', async (t) => {
  const removed: ReadonlyArray<readonly [string, Script, boolean]> = [
    ['203', answer(203), true],
    ['204', answer(204, ''), true],
    ['206', answer(206), true],
    ['300', answer(300), false],
    ['302', answer(302, {}, { location: '/elsewhere' }), false],
    ['400', answer(400), false],
    ['401', answer(401), false],
    ['403', answer(403), false],
    ['404', answer(404), false],
    ['408', answer(408), false],
    ['410', answer(410), false],
    ['412', answer(412), false],
    ['418', answer(418), false],
    ['422', answer(422), false],
    ['500', answer(500), true],
    ['503', answer(503), true],
    ['599', answer(599), true],
    ['malformed-200', answer(200, '{'), false],
    ['malformed-201', answer(201, '{'), true],
    ['malformed-202', answer(202, '[]'), true],
    ['timeout', hang, true],
  ]
  await Promise.all(
    removed.map(async ([name, script, isRemoved]) => {
      const provider = await scriptedProvider(t, kontor, `seventeen-${name}`, {
        settings: { timeoutSeconds: name === 'timeout' ? 1 : 20 },
      })
      provider.respond({ provision: script })
      const reply = await provider.order('provision', name, { ai: false })
      t.ok(reply.status >= 400, `${name} is a failure: ${reply.status}`)
      t.match(reply.body.description, /\S/)
      t.equal(
        (await provider.order('provision', name, { ai: false })).status >= 400,
        true,
        'and no success when it is repeated',
      )
      await until(
        () => rowsOf(name),
        (found) => found.every(({ state }) => state === 'gone'),
      )
      const [attempt] = provider.requests('provision')
      const deletes = provider.requests('deprovision').filter(({ path }) => path === attempt?.path)
      t.equal(
        deletes.length > 0,
        isRemoved,
        `${name}: ${isRemoved ? 'removed' : 'nothing is removed'}`,
      )
      t.equal((await call('GET', I(name))).status, 404)
    }),
  )
})

row('PROV-18 no dashboard_url, or null, means no dashboard and is no error', async (t) => {
  const provider = await scriptedProvider(t, kontor, 'eighteen')
  for (const [index, script] of [
    answer(201),
    answer(201, { dashboard_url: null }),
    accepted({ dashboard_url: null }),
    accepted({}),
  ].entries()) {
    const id = `eighteen-${index}`
    provider.respond({ provision: script })
    const { status, body } = await provider.order('provision', id)
    t.ok(status === 201 || status === 202)
    t.notOk('dashboard_url' in body)
    await finished(call, I(id))
    const fetched = await call('GET', I(id))
    t.equal(fetched.status, 200)
    t.notOk('dashboard_url' in fetched.body)
  }
  t.strictSame(provider.requests('deprovision'), [])
})

row(
  'PROV-19 a PUT with the id of an instance that is being deleted is 422 ConcurrencyError',
  async (t) => {
    const provider = await scriptedProvider(t, kontor, 'nineteen')
    await provider.prepare('deprovision', 'nineteen-1')
    provider.respond({ deprovision: accepted(), last_operation: inProgress })
    const {
      body: { operation },
    } = await provider.order('deprovision', 'nineteen-1')
    for (const body of [{}, { parameters: { other: true } }]) {
      for (const ai of [true, false])
        t.match(await provider.order('provision', 'nineteen-1', { ai, body }), {
          status: 422,
          body: { error: 'ConcurrencyError', description: /\S/ },
        })
    }
    t.equal(provider.requests('provision').length, 1)
    t.match(
      (await call('GET', `${I('nineteen-1')}/last_operation?operation=${operation as string}`))
        .body,
      { state: 'in progress' },
    )
    provider.respond({ last_operation: succeeded })
    await finished(call, I('nineteen-1'), operation)
    t.equal(
      (await provider.order('provision', 'nineteen-1')).status,
      201,
      'afterwards the id is free',
    )
  },
)
