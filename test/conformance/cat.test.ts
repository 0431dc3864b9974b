// CAT: the catalog that Kontor publishes from the catalogs of its providers.
import t from 'tap'
import type { OsbOffering, OsbPlan } from '../../tools/simulator/types.ts'
import { catalogOf } from '../support/catalogs.ts'
import { finished, here, startKontor } from '../support/kontor.ts'
import { answer } from '../support/scripted-upstream.ts'
import { scriptedProvider } from '../support/scripted-provider.ts'

interface Plan {
  id: string
  name: string
  description: string
  [field: string]: unknown
}
interface Service {
  id: string
  name: string
  description: string
  bindable: boolean
  plans: Plan[]
  metadata: Record<string, unknown>
  [field: string]: unknown
}

const kontor = await startKontor(t)
const { call } = kontor
const empty = await call('GET', '/v2/catalog')
const provider = await scriptedProvider(t, kontor, 'nord')
const catalog = async () => (await call('GET', '/v2/catalog')).body.services as Service[]
const ofNord = async () => (await catalog()).filter(({ name }) => name.startsWith('nord-'))

const [database, plain] = catalogOf('nord').services as [OsbOffering, OsbOffering]
const plan = (id: string, more: object = {}): OsbPlan => ({
  id,
  name: id,
  description: 'A plan',
  ...more,
})
const offering = (id: string, more: object = {}): OsbOffering => ({
  id,
  name: id,
  description: 'An offering',
  bindable: true,
  plans: [plan(`${id}-plan`)],
  ...more,
})

/** Gives the provider these offerings; returns the published ones and the operator's view. */
async function publish(...services: unknown[]) {
  provider.reset()
  provider.respond({ catalog: answer(200, { services }) })
  const { body } = await provider.refresh()
  return { reading: body.catalog, published: await ofNord() }
}

const idsOf = (service: Service | undefined, at = 0) => ({
  service_id: service?.id ?? '',
  plan_id: service?.plans[at]?.id ?? '',
})
const queryOf = (ids: { service_id: string; plan_id: string }) =>
  `service_id=${ids.service_id}&plan_id=${ids.plan_id}`
let count = 0
/** Creates an instance and returns its path. */
async function ordered(
  ids: { service_id: string; plan_id: string },
  body: object = {},
): Promise<string> {
  const I = `/v2/service_instances/cat-${++count}`
  const reply = await call('PUT', I, { ...ids, ...here, ...body })
  if (reply.status !== 201) throw new Error(reply.text)
  return I
}

t.test(
  'CAT-01 the catalog is an object with a list of services, empty if there is none',
  async (t) => {
    t.equal(empty.status, 200)
    t.match(empty.headers['content-type'], /^application\/json/)
    t.strictSame(empty.body, { services: [] })
    const reply = await call('GET', '/v2/catalog')
    t.equal(reply.status, 200)
    t.equal(reply.body.services.length, 2)
  },
)

t.test(
  'CAT-02 CAT-03 each offering and plan has its mandatory fields, or is not published',
  async (t) => {
    await publish(database, plain)
    for (const service of await catalog()) {
      for (const part of [service, ...service.plans])
        for (const field of ['id', 'name', 'description'])
          t.match(part[field], /^(?=.)/u, `${field} of ${part.name}`)
      t.type(service.bindable, 'boolean')
      t.ok(service.plans.length > 0)
    }
    const broken = [
      ...['id', 'name', 'description', 'bindable', 'plans'].flatMap((field) =>
        [undefined, '', 7, null].map((value) => offering('x', { [field]: value })),
      ),
      offering('x', { plans: [] }),
      offering('x', { bindable: 'true' }),
    ]
    const brokenPlans = ['id', 'name', 'description'].flatMap((field) =>
      [undefined, '', 7, null].map((value) => plan(`x-${field}`, { [field]: value })),
    )
    for (const one of broken) {
      const { reading, published } = await publish(database, one)
      t.match(
        reading,
        {
          error: null,
          offerings: 1,
          findings: [{ path: '/services/1', effect: 'offering_withheld' }],
        },
        JSON.stringify(one),
      )
      t.strictSame(
        published.map(({ name }) => name),
        ['nord-db'],
      )
    }
    const { reading, published } = await publish(
      offering('x', { plans: [plan('good'), ...brokenPlans] }),
    )
    t.match(
      reading.findings,
      brokenPlans.map((_plan, at) => ({
        path: `/services/0/plans/${at + 1}`,
        effect: 'plan_withheld',
      })),
    )
    t.strictSame(
      published.map(({ name, plans }) => [name, plans.length]),
      [['nord-x', 1]],
      'a broken plan is withheld alone',
    )
  },
)

t.test('CAT-04 offering names are unique over the whole catalog', async (t) => {
  const second = await scriptedProvider(t, kontor, 'nord-x', {
    catalog: { services: [offering('a', { name: 'y' })] },
  })
  // "nord" with "x-y" would get the name of "nord-x" with "y"; and within one provider.
  const { reading } = await publish(
    database,
    offering('other', { name: 'x-y' }),
    offering('twin', { name: 'db' }),
  )
  t.equal(reading.findings.length, 2)
  const names = (await catalog()).map(({ name }) => name)
  t.equal(new Set(names).size, names.length)
  t.strictSame(names.toSorted(), ['nord-db', 'nord-x-y'])
  t.equal((await kontor.admin('DELETE', second.path)).status, 204)
  await kontor.running.runtime.refresh()
})

t.test('CAT-05 plan names are unique within their offering, not beyond', async (t) => {
  const { reading, published } = await publish(
    offering('a', { plans: [plan('a1', { name: 'same' })] }),
    offering('b', { plans: [plan('b1', { name: 'same' })] }),
    offering('c', { plans: [plan('c1', { name: 'twice' }), plan('c2', { name: 'twice' })] }),
  )
  t.match(reading.findings, [
    { path: '/services/2/plans/1', problem: /plan name "twice" is used twice/ },
  ])
  t.strictSame(
    published.map(({ plans }) => plans.map(({ name }) => name)),
    [['same'], ['same'], ['twice']],
  )
})

t.test(
  'CAT-06 CAT-07 ids of offerings and plans are GUIDs that mean one thing, whichever provider shows it',
  async (t) => {
    const twins = await Promise.all(
      ['east', 'west'].map((name) =>
        scriptedProvider(t, kontor, name, { catalog: { services: [database, plain] } }),
      ),
    )
    await publish(database, plain)
    const services = await catalog()
    t.equal(services.length, 6)
    const ids = services.flatMap(({ id, plans }) => [id, ...plans.map((plan) => plan.id)])
    t.equal(new Set(ids).size, ids.length, 'three providers with the very same ids')
    for (const id of ids)
      t.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    const { published, reading } = await publish(
      offering('a', { plans: [plan('shared')] }),
      offering('b', { plans: [plan('shared')] }),
      offering('a', { name: 'again' }),
    )
    t.strictSame(
      published.map(({ name }) => name),
      ['nord-a'],
    )
    t.match(reading.findings, [
      { problem: /plan id "shared" is used twice/ },
      { problem: /none of its plans/ },
      { problem: /id "a" is used by an earlier offering/ },
    ])
    await publish(offering('b', { plans: [plan('shared')] }))
    t.not(
      (await ofNord())[0]?.plans[0]?.id,
      published[0]?.plans[0]?.id,
      'nor does a plan id ever move to another offering',
    )
    for (const twin of twins) await kontor.admin('DELETE', twin.path)
    await kontor.running.runtime.refresh()
  },
)

t.test('CAT-08 ids survive catalog refreshes, restarts and changes of the settings', async (t) => {
  const idsIn = (services: Service[]) =>
    services.map(({ id, plans }) => [id, plans.map((plan) => plan.id)])
  const first = idsIn((await publish(database, plain)).published)
  t.strictSame(idsIn((await publish(database, plain)).published), first, 'read again')
  await publish(plain)
  t.strictSame(idsIn((await publish(database, plain)).published), first, 'gone and come back')
  t.equal(
    (
      await kontor.admin('PATCH', provider.path, {
        displayName: 'Nord',
        settings: { url: `${provider.upstream.url}/moved` },
      })
    ).status,
    200,
  )
  t.strictSame(idsIn(await ofNord()), first, 'other settings')
  const restarted = await kontor.another()
  t.strictSame(
    idsIn((await restarted.call('GET', '/v2/catalog')).body.services),
    first,
    'another process',
  )
})

t.test('CAT-09 successive catalogs are compared by id alone', async (t) => {
  const {
    published: [before],
  } = await publish(offering('one', { name: 'old-name', plans: [plan('p', { name: 'old-plan' })] }))
  const I = await ordered(idsOf(before))
  const {
    published: [renamed],
  } = await publish(
    offering('one', {
      name: 'new-name',
      description: 'New',
      plans: [plan('p', { name: 'new-plan' })],
    }),
  )
  t.match(
    renamed,
    {
      id: before?.id,
      name: 'nord-new-name',
      plans: [{ id: before?.plans[0]?.id, name: 'new-plan' }],
    },
    'the same with another name',
  )
  t.match((await call('GET', I)).body, idsOf(renamed), 'with the instance that it had')
  const {
    published: [stranger],
  } = await publish(
    offering('two', {
      name: 'new-name',
      description: 'New',
      plans: [plan('p', { name: 'new-plan' })],
    }),
  )
  t.equal(stranger?.name, 'nord-new-name')
  t.not(stranger?.id, renamed?.id, 'equal in all but the id: another one')
  t.not(stranger?.plans[0]?.id, renamed?.plans[0]?.id)
  t.match((await call('GET', I)).body, idsOf(renamed), 'the instance stays where it was')
  t.equal((await call('DELETE', `${I}?${queryOf(idsOf(stranger))}`)).status, 400)
  t.equal((await call('DELETE', `${I}?${queryOf(idsOf(renamed))}`)).status, 200)
})

t.test('CAT-10 names that differ in case differ', async (t) => {
  const { reading, published } = await publish(
    offering('a', { name: 'Db', plans: [plan('a1', { name: 'S' }), plan('a2', { name: 's' })] }),
    offering('b', { name: 'db' }),
  )
  t.strictSame(reading.findings, [])
  t.strictSame(
    published.map(({ name, plans }) => [name, ...plans.map((plan) => plan.name)]),
    [
      ['nord-Db', 'S', 's'],
      ['nord-db', 'b-plan'],
    ],
  )
  t.not(published[0]?.id, published[1]?.id)
})

t.test(
  'CAT-11 names fit a command line and a label; others are withheld, and what was published stays',
  async (t) => {
    const good = offering('a', {
      name: 'Postgres.14-HA_x',
      plans: [plan('p', { name: 'n'.repeat(63) })],
    })
    const bad = [
      ...['-', 'Größe M (neu)', 'a b', 'a\u200bb', '\u202emoc', 'x_', 'n'.repeat(59)].map(
        (name, at) => offering(`bad-${at}`, { name }),
      ),
      offering('c', {
        plans: [plan('c1', { name: 'fine' }), plan('c2', { name: 'n'.repeat(64) })],
      }),
      offering('d', { plans: [plan('d1', { name: 'zwei Worte' })] }),
    ]
    const { published, reading } = await publish(good, ...bad)
    t.strictSame(
      published.map(({ name, plans }) => [name, plans.map((each) => each.name)]),
      [
        ['nord-Postgres.14-HA_x', ['n'.repeat(63)]],
        ['nord-c', ['fine']],
      ],
    )
    const effects = reading.findings.map(({ effect }: { effect: string }) => effect)
    t.equal(effects.filter((effect: string) => effect === 'offering_withheld').length, 8)
    t.equal(effects.filter((effect: string) => effect === 'plan_withheld').length, 2)
    t.match(JSON.stringify(reading.findings), /begin and end with a letter or a digit/)
    t.notMatch(JSON.stringify(reading.findings), /[\u200b\u202e]/, 'findings are for people too')

    // As a release before the rule left it.
    const { db } = kontor.running.runtime
    for (const [table, from, to] of [
      ['offerings', 'nord-Postgres.14-HA_x', 'nord-Größe M (neu)'],
      ['plans', 'fine', 'zwei Worte'],
    ] as const)
      await db.updateTable(table).set({ name: to }).where('name', '=', from).execute()
    const old = await publish(
      { ...good, name: 'Größe M (neu)' },
      offering('c', { plans: [plan('c1', { name: 'zwei Worte' }), plan('c2', { name: 'a b' })] }),
    )
    t.strictSame(
      old.published.map(({ name }) => name),
      ['nord-Größe M (neu)', 'nord-c'],
    )
    const [kept, also] = old.published
    await ordered(idsOf(kept))
    t.strictSame(
      also?.plans.map(({ name }) => name),
      ['zwei Worte'],
    )
  },
)

t.test('an invisible character is in no text that people read', async (t) => {
  const bad = 'Bank\u202e \u200bof\u2066 the\u00ad La\ufeffnd'
  const clean = 'Bank of the Land'
  const texts = { description: bad, metadata: { displayName: bad, bullets: [{ text: bad }] } }
  const schema = (text: string) => ({
    service_instance: {
      create: {
        parameters: {
          $schema: 'http://json-schema.org/draft-07/schema#',
          title: text,
          properties: {
            title: { description: text, enum: [{ title: bad }], items: [{ title: text }] },
            [bad]: { anyOf: [{ title: text }], default: { description: bad } },
          },
        },
      },
    },
  })
  const maintenance = { version: '1.0.0', description: bad, other: bad }
  const { published, reading } = await publish(
    offering('a', {
      ...texts,
      tags: [bad],
      plans: [plan('p', { ...texts, maintenance_info: maintenance, schemas: schema(bad) })],
    }),
    offering('b', { description: '\u200b' }),
    offering('c', { bindable: 'no', name: `${bad}c` }),
  )
  const [service, nothing] = published
  for (const part of [service, service?.plans[0]])
    t.match(part, {
      description: clean,
      metadata: { displayName: clean, bullets: [{ text: clean }] },
    })
  t.match(service?.['tags'], [clean, 'nord'])
  t.strictSame(service?.plans[0]?.['maintenance_info'], { ...maintenance, description: clean })
  t.strictSame(service?.plans[0]?.['schemas'], schema(clean))
  t.equal(nothing?.description, 'b')
  t.match(reading.findings, [
    { path: '/services/0', problem: /^Invisible/, effect: 'note' },
    { path: '/services/1', problem: /^Invisible/, effect: 'note' },
    {
      problem: /^"Bank\\u202e \\u200bof\\u2066 the\\u00ad La\\ufeffndc": bindable must be boolean/,
    },
  ])
})

t.test(
  'a name belongs to the provider with the longer name, even if another publishes it first',
  async (t) => {
    const only = (id: string) => ({ services: [offering(id)] as OsbOffering[] })
    const withheld = async (name: string) => {
      const { published, reading } = await publish(offering('ost-svc'), offering('rest'))
      const names = published.map((each) => each.name)
      t.equal(names.includes('nord-ost-svc'), name === '', name)
      return reading.findings
    }
    t.strictSame(await withheld(''), [], 'there is no other provider yet')
    const longer = await kontor.addProvider('nord-ost', { catalog: only('svc') })
    t.match(longer.view.catalog, {
      offerings: 0,
      findings: [{ problem: /published by another provider already/ }],
    })
    t.strictSame(await withheld(''), [], 'what was published first is not displaced')
    await publish(offering('rest'))
    t.match(await withheld('given up, it is not taken back'), [
      { problem: /begin with "nord-ost-" are those of the provider "nord-ost"/ },
    ])
    const at = `/api/providers/${longer.view.id}`
    t.match((await kontor.admin('POST', `${at}/refresh`)).body, { catalog: { offerings: 1 } })
    longer.simulator.setCatalog(only('other'))
    await kontor.admin('POST', `${at}/refresh`)
    await withheld('nor while the other does not use it')
    t.equal((await kontor.admin('DELETE', at)).status, 204)
    await withheld('nor after the other was removed, whose names may come back')
  },
)

t.test('CAT-12 strings have at most 255 characters, except opaque ones', async (t) => {
  const long = 'ü😀'.repeat(200)
  const metadata = { longDescription: long }
  const { reading, published } = await publish(
    offering('a', {
      description: long,
      metadata,
      plans: [
        plan('p', {
          description: long,
          metadata,
          maintenance_info: { version: '1.0.0', description: long },
        }),
      ],
    }),
    offering('b', { description: '😀'.repeat(255) }),
    offering('d', { name: 'n'.repeat(251) }),
    offering('e', { plans: [plan('p', { name: 'n'.repeat(256) })] }),
  )
  const notes = ['', '/plans/0', '/plans/0/maintenance_info'].map((at) => ({
    path: `/services/0${at}/description`,
    effect: 'note',
    problem: /255/,
  }))
  for (const note of notes)
    t.ok(
      reading.findings.some(
        (found: typeof note) => found.path === note.path && found.effect === 'note',
      ),
      note.path,
    )
  t.equal(
    reading.findings.filter(({ effect }: { effect: string }) => effect.endsWith('_withheld'))
      .length,
    3,
    'a name that is cut off would be another',
  )
  t.equal(published.length, 2)
  for (const text of published.flatMap(stringsOf)) t.ok(Array.from(text).length <= 255, text)
  const [service] = published
  for (const part of [service, service?.plans[0], service?.plans[0]?.['maintenance_info'] as Plan])
    t.match(part?.description, /^(ü😀){127}…$/u)
  t.equal(service?.metadata['longDescription'], long)
  t.equal(published[1]?.description, '😀'.repeat(255), 'counted as characters')
})

function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return value !== null && typeof value === 'object'
    ? Object.entries(value).flatMap(([key, part]) => (key === 'metadata' ? [] : stringsOf(part)))
    : []
}

t.test(
  "CAT-13 a provider's changes to its catalog are published at the next refresh",
  async (t) => {
    const names = (services: Service[]) =>
      services.map(({ name, description, plans }) => [name, description, plans.length])
    t.strictSame(names((await publish(offering('a'))).published), [['nord-a', 'An offering', 1]])
    t.strictSame(
      names(
        (
          await publish(
            offering('a', { description: 'Changed', plans: [plan('a-plan'), plan('more')] }),
            offering('b'),
          )
        ).published,
      ),
      [
        ['nord-a', 'Changed', 2],
        ['nord-b', 'An offering', 1],
      ],
    )
    t.strictSame(names((await publish(offering('b'))).published), [['nord-b', 'An offering', 1]])
    t.strictSame((await publish()).published, [])
    for (let time = 0; time < 3; time++)
      t.equal((await call('GET', '/v2/catalog')).status, 200, 'a platform may ask at any time')
  },
)

t.test(
  'CAT-14 instances of a removed offering are still served until they are deleted',
  async (t) => {
    const {
      published: [service],
    } = await publish(database)
    const [small, large] = [idsOf(service), idsOf(service, 1)]
    const I = await ordered(small)
    const B = `${I}/service_bindings/cat-14`
    t.equal((await call('PUT', B, small)).status, 201)
    t.strictSame(
      (await publish(plain)).published.map(({ name }) => name),
      ['nord-app'],
    )
    for (const path of [I, B, `${I}/last_operation`, `${B}/last_operation`])
      t.equal((await call('GET', path)).status, 200, path)
    t.equal(
      (await call('PATCH', I, { service_id: small.service_id, parameters: { size: 2 } })).status,
      200,
      'even changed, but for its plan',
    )
    t.match(await call('PATCH', I, { ...large }), {
      status: 400,
      body: { description: /no longer offered/ },
    })
    t.match(await call('PUT', '/v2/service_instances/cat-new', { ...small, ...here }), {
      status: 400,
      body: { description: /no longer offered by its provider/ },
    })
    // DEC-54: the orderer reads the true reason.
    const [smallPlan, largePlan] = database['plans'] as [object, object]
    for (const [faulty, says] of [
      [{ bindable: 1 }, /until its provider corrects its catalog: "db": bindable must be boolean/],
      [{ plans: [largePlan, { ...smallPlan, free: 1 }] }, /catalog: Plan "small" of "db": free/],
    ] as const) {
      await publish({ ...database, ...faulty }, plain)
      t.match(await call('PUT', '/v2/service_instances/cat-new', { ...small, ...here }), {
        status: 400,
        body: { description: says },
      })
    }
    // A schema that was dropped checks nothing: the provider decides, and says why.
    const $schema = 'http://json-schema.org/draft-07/schema#'
    const parameters = { $schema, properties: { name: { pattern: '(' } } }
    const schemas = { service_instance: { create: { parameters } } }
    await publish({ ...database, plans: [{ ...smallPlan, schemas }, largePlan] }, plain)
    provider.respond({ provision: answer(400, { description: 'No such name.' }) })
    const order = { ...small, ...here, parameters: { name: 'x' } }
    t.match(await call('PUT', '/v2/service_instances/cat-new', order), {
      status: 400,
      body: { description: /No such name\.$/ },
    })
    t.match(provider.requests('provision').at(-1)?.body, { parameters: { name: 'x' } })
    provider.respond({ provision: undefined })
    t.equal((await call('DELETE', `${B}?${queryOf(small)}`)).status, 200)
    provider.respond({ deprovision: answer(202, { operation: 'x' }) })
    const accepted = await call('DELETE', `${I}?${queryOf(small)}&accepts_incomplete=true`)
    t.equal(accepted.status, 202)
    t.match((await finished(call, I, accepted.body.operation)).body, { state: 'succeeded' })
  },
)

t.test("CAT-15 requires has only the specification's values, and tags are strings", async (t) => {
  const { reading, published } = await publish(
    offering('a', {
      requires: ['syslog_drain', 'route_forwarding', 'volume_mount'],
      tags: ['sql', 'nord'],
    }),
    offering('b', { requires: [] }),
    offering('c', { requires: ['root'] }),
    offering('d', { requires: 'syslog_drain' }),
    offering('e', { tags: [1] }),
    offering('f', { tags: 'sql' }),
  )
  t.strictSame(
    published.map(({ name, requires, tags }) => [name, requires, tags]),
    [
      ['nord-a', ['syslog_drain', 'route_forwarding', 'volume_mount'], ['sql', 'nord']],
      ['nord-b', [], ['nord']],
    ],
  )
  t.strictSame(
    reading.findings.map(({ path, effect }: { path: string; effect: string }) => [path, effect]),
    [2, 3, 4, 5].map((at) => [`/services/${at}`, 'offering_withheld']),
  )
})

t.test(
  'CAT-16 bindable of a plan wins over that of its offering, in both directions',
  async (t) => {
    const plans = (id: string) => [
      plan(`${id}-yes`, { bindable: true }),
      plan(`${id}-no`, { bindable: false }),
      plan(`${id}-absent`),
    ]
    const { published } = await publish(
      offering('on', { bindable: true, plans: plans('on') }),
      offering('off', { bindable: false, plans: plans('off') }),
    )
    const expected = [
      [true, false, true],
      [true, false, false],
    ]
    for (const [at, service] of published.entries()) {
      t.strictSame(
        service.plans.map((plan) => plan['bindable']),
        [true, false, undefined],
        'published as it was sent',
      )
      for (const which of service.plans.keys()) {
        const I = await ordered(idsOf(service, which))
        provider.upstream.requests.length = 0
        const isBindable = expected[at]?.[which] === true
        t.equal(
          (await call('PUT', `${I}/service_bindings/cat-${count}`, idsOf(service, which))).status,
          isBindable ? 201 : 400,
          `${service.name} ${service.plans[which]?.name}`,
        )
        t.equal(provider.requests('bind').length, isBindable ? 1 : 0)
      }
    }
  },
)

t.test('CAT-17 a plan that can be bound is published as bindable', async (t) => {
  const { published } = await publish(database, plain)
  for (const service of published) {
    const I = await ordered(idsOf(service))
    t.equal(
      (await call('PUT', `${I}/service_bindings/cat-17-${service.name}`, idsOf(service))).status,
      service.bindable ? 201 : 400,
    )
  }
  t.strictSame(
    published.map(({ bindable }) => bindable),
    [true, false],
  )
})

t.test(
  'CAT-18 plan_updateable of a plan wins over that of its offering, absent on both is false',
  async (t) => {
    const plans = (id: string) => [
      plan(`${id}-yes`, { plan_updateable: true }),
      plan(`${id}-no`, { plan_updateable: false }),
      plan(`${id}-absent`),
      plan(`${id}-target`),
    ]
    const { published } = await publish(
      offering('on', { plan_updateable: true, plans: plans('on') }),
      offering('off', { plan_updateable: false, plans: plans('off') }),
      offering('none', { plans: plans('none') }),
    )
    const expected = [
      [true, false, true],
      [true, false, false],
      [true, false, false],
    ]
    for (const [at, service] of published.entries()) {
      t.strictSame(
        service.plans.map((plan) => plan['plan_updateable']),
        [true, false, undefined, undefined],
      )
      for (const which of [0, 1, 2]) {
        const I = await ordered(idsOf(service, which))
        provider.upstream.requests.length = 0
        const mayChange = expected[at]?.[which] === true
        t.equal(
          (await call('PATCH', I, idsOf(service, 3))).status,
          mayChange ? 200 : 422,
          `${service.name} ${service.plans[which]?.name}`,
        )
        t.equal(provider.requests('update').length, mayChange ? 1 : 0)
      }
    }
  },
)

t.test('CAT-19 free is true and binding_rotatable false where they are absent', async (t) => {
  const {
    published: [service],
  } = await publish(
    offering('a', {
      binding_rotatable: true,
      plans: [
        plan('yes', { free: true, binding_rotatable: true }),
        plan('no', { free: false, binding_rotatable: false }),
        plan('absent'),
      ],
    }),
  )
  t.strictSame(
    service?.plans.map(({ free }) => free),
    [true, false, undefined],
    'nothing is made up',
  )
  for (const [which, status] of [
    [0, 201],
    [1, 400],
    [2, 400],
  ] as const) {
    const ids = idsOf(service, which)
    const I = await ordered(ids)
    t.equal((await call('PUT', `${I}/service_bindings/cat-19-${which}`, ids)).status, 201)
    t.equal(
      (
        await call('PUT', `${I}/service_bindings/cat-19-${which}-next`, {
          predecessor_binding_id: `cat-19-${which}`,
        })
      ).status,
      status,
      `the offering has no say in it: plan ${which}`,
    )
  }
})

t.test('CAT-20 an offering supports only what it declares', async (t) => {
  const flags = {
    instances_retrievable: true,
    bindings_retrievable: true,
    allow_context_updates: true,
  }
  const {
    published: [all, none],
  } = await publish(offering('all', flags), offering('none'))
  t.match(all, flags)
  t.match(
    none,
    { instances_retrievable: true, bindings_retrievable: true },
    'what Kontor holds it can give back',
  )
  t.notOk('allow_context_updates' in (none ?? {}))
  for (const [service, isDeclared] of [
    [all, true],
    [none, false],
  ] as const) {
    const ids = idsOf(service)
    const I = await ordered(ids)
    provider.upstream.requests.length = 0
    t.equal(
      (await call('PATCH', I, { service_id: ids.service_id, context: { platform: 'x', n: 2 } }))
        .status,
      200,
    )
    t.equal(
      provider.requests('update').length,
      isDeclared ? 1 : 0,
      'a change of context alone is sent only where it is taken',
    )
    t.equal(
      (
        await call(
          'PUT',
          `${I}/service_bindings/cat-20-${service?.name}?accepts_incomplete=true`,
          ids,
        )
      ).status,
      201,
    )
    t.equal(
      provider.requests('bind')[0]?.query.get('accepts_incomplete'),
      isDeclared ? 'true' : null,
      'an asynchronous bind is allowed only where its end can be fetched',
    )
    t.equal((await call('GET', I)).status, 200)
    if (!isDeclared)
      t.strictSame(
        [...provider.requests('fetch_instance'), ...provider.requests('fetch_binding')],
        [],
      )
  }
  const wrong = await publish(
    offering('x', { instances_retrievable: 'yes' }),
    offering('y', { bindings_retrievable: 1 }),
    offering('z', { allow_context_updates: 'true' }),
  )
  t.strictSame(wrong.published, [])
})

t.test('CAT-21 metadata is kept value for value', async (t) => {
  const metadata = {
    displayName: 'X',
    unknown: { deep: [1, 1.5, null, true, { ä: '😀' }] },
    '': 0,
    empty: {},
    list: [],
    big: 9_007_199_254_740_991,
    'kontor-like': { provider: 'x' },
  }
  const {
    published: [service],
  } = await publish(offering('a', { metadata, plans: [plan('p', { metadata })] }))
  t.strictSame(service?.plans[0]?.['metadata'], metadata)
  const { kontor: _ours, providerDisplayName: _too, ...theirs } = service?.metadata ?? {}
  t.strictSame(theirs, metadata)
  const disguise = { kontor: { provider: 'other' }, providerDisplayName: 'Other' }
  const other = await publish(
    offering('a', { plans: [plan('p', { metadata: { ...metadata, ...disguise } })] }),
  )
  t.strictSame(other.published[0]?.plans[0]?.['metadata'], metadata, 'a plan names no provider')
})

t.test('CAT-22 maximum_polling_duration is a whole number of seconds of a plan', async (t) => {
  const { reading, published } = await publish(
    offering('a', { plans: [plan('p', { maximum_polling_duration: 600 }), plan('q')] }),
    ...[1.5, '60', -1, [60]].map((seconds, at) =>
      offering(`x${at}`, { plans: [plan(`x${at}p`, { maximum_polling_duration: seconds })] }),
    ),
  )
  t.strictSame(
    published[0]?.plans.map((plan) => plan['maximum_polling_duration']),
    [660, undefined],
    'with a minute more, so that we fail before the platform gives up',
  )
  t.equal(published.length, 1)
  t.equal(
    reading.findings.filter(({ effect }: { effect: string }) => effect === 'plan_withheld').length,
    4,
  )
})

t.test(
  "CAT-23 a dashboard_client is never published: it is a secret of the provider's",
  async (t) => {
    for (const client of [
      { id: 'client', secret: 'hidden-7', redirect_uri: 'https://x.example' },
      { id: '', secret: '' },
      {},
      null,
    ]) {
      const {
        published: [service],
        reading,
      } = await publish(offering('a', { dashboard_client: client }))
      t.match(reading, { offerings: 1, findings: { length: client === null ? 1 : 0 } })
      t.notOk('dashboard_client' in (service ?? {}))
      t.notMatch((await call('GET', '/v2/catalog')).text, /hidden-7|dashboard_client/)
    }
  },
)

t.test('CAT-24 metadata of an offering has the names of the profile', async (t) => {
  const metadata = {
    displayName: 'X',
    imageUrl: 'https://x.example/x.png',
    longDescription: 'Long',
    documentationUrl: 'https://x.example',
    supportUrl: 'https://x.example',
    shareable: true,
  }
  const {
    published: [own, without],
  } = await publish(
    offering('a', { metadata: { ...metadata, providerDisplayName: 'The provider' } }),
    offering('b'),
  )
  t.match(own?.metadata, { ...metadata, providerDisplayName: 'Nord' }, 'under no other name')
  t.match(without?.metadata, { providerDisplayName: 'Nord' }, 'it is seen in any case')
})

t.test('CAT-25 metadata of a plan has the names of the profile', async (t) => {
  const metadata = {
    displayName: 'Small',
    bullets: ['1 GB', 'no backup'],
    costs: [{ amount: { eur: 99.5, usd: 110 }, unit: 'MONTHLY' }],
  }
  const {
    published: [service],
  } = await publish(offering('a', { plans: [plan('p', { metadata })] }))
  t.strictSame(service?.plans[0]?.['metadata'], metadata)
})

t.test(
  'DEC-51 null in an optional field of a catalog counts as absent, with one note',
  async (t) => {
    const nothing = { create: { parameters: null } }
    const { published, reading } = await publish(
      offering('a', {
        tags: null,
        requires: null,
        metadata: null,
        dashboard_client: null,
        instances_retrievable: null,
        bindings_retrievable: null,
        allow_context_updates: null,
        plan_updateable: null,
        vendor: null,
        plans: [
          plan('p', {
            metadata: null,
            free: null,
            bindable: null,
            binding_rotatable: null,
            plan_updateable: null,
            maximum_polling_duration: null,
            maintenance_info: null,
            schemas: null,
          }),
          plan('q', {
            metadata: { costs: null, bullets: [null] },
            maintenance_info: { version: '1.0.0', description: null },
            schemas: {
              service_instance: { ...nothing, update: { parameters: null } },
              service_binding: nothing,
            },
          }),
        ],
      }),
      offering('b', { bindable: null }),
      offering('c', { plans: [plan('c-plan', { description: null })] }),
      offering('d', { tags: [null] }),
    )
    t.strictSame(
      published.map(({ id: _theirs, plans, ...service }) => ({
        ...service,
        plans: plans.map(({ id: _ours, ...rest }) => rest),
      })),
      [
        {
          name: 'nord-a',
          description: 'An offering',
          bindable: true,
          tags: ['nord'],
          metadata: { providerDisplayName: 'Nord', kontor: { provider: 'nord' } },
          instances_retrievable: true,
          bindings_retrievable: true,
          vendor: null,
          plans: [
            { name: 'p', description: 'A plan' },
            {
              name: 'q',
              description: 'A plan',
              metadata: { costs: null, bullets: [null] },
              maintenance_info: { version: '1.0.0' },
            },
          ],
        },
      ],
    )
    const [note, ...withheld] = reading.findings
    t.match(note, { path: '/services', effect: 'note' })
    t.match(
      note?.problem,
      /absent: \/services\/0\/tags, (\/services\/0\/\w+, ){3}\/services\/0\/\w+ and 15 more\.$/,
      'it names the first five',
    )
    t.match(withheld, [
      { path: '/services/1', problem: /"b": bindable must be boolean/ },
      {
        path: '/services/2/plans/0',
        problem: /Plan "c-plan" of "c": description must be string/,
      },
      { path: '/services/2', problem: /"c": none of its plans can be published/ },
      { path: '/services/3', problem: /"d": tags\.0 must be string/ },
    ])
    t.equal(withheld.length, 4)
    await ordered(idsOf(published[0], 1), { parameters: { any: 1 } })
  },
)

t.test(
  'CAT-26 an unreadable catalog is a failed refresh: the last good copy stays, nothing is deleted',
  async (t) => {
    const { published } = await publish(database, plain)
    const I = await ordered(idsOf(published[0]))
    const text = (await call('GET', '/v2/catalog')).text
    const broken: Array<[string, unknown]> = [
      ['not JSON', '<html>'],
      ['half of it', JSON.stringify({ services: [database] }).slice(0, -3)],
      ['empty', ''],
      ['a list', []],
      ['null', 'null'],
      ['no services', {}],
      ['services that are none', { services: {} }],
    ]
    for (const [name, body] of broken) {
      provider.reset()
      provider.respond({ catalog: answer(200, body) })
      t.match(
        (await provider.refresh()).body.catalog,
        { stale: true, error: /\w/, offerings: 2, plans: 3 },
        name,
      )
      t.equal((await call('GET', '/v2/catalog')).text, text, name)
      t.equal(
        provider.upstream.requests.length,
        provider.requests('catalog').length,
        'and no call that changes anything',
      )
    }
    t.equal((await call('GET', I)).status, 200)
    // An invalid entry does not make the catalog unreadable: only the entry is withheld.
    t.match(await publish(database, { id: 'x' }, plain), {
      reading: { error: null, offerings: 2, findings: [{ path: '/services/1' }] },
    })
  },
)
