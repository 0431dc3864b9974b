// MAINT: maintenance versions of plans and instances.
import t from 'tap'
import type { OsbCatalog, OsbPlan } from '../../tools/simulator/types.ts'
import { finished, here, startKontor, until } from '../support/kontor.ts'
import { accepted, scriptedProvider } from '../support/scripted-provider.ts'
import { answer } from '../support/scripted-upstream.ts'
import { traces } from '../support/witness.ts'
import { ai, maker, type Made } from './making.ts'

t.setTimeout(60_000)
const kontor = await startKontor(t, { environment: { KONTOR_INLINE_SECONDS: '0.5' } })
const { call, admin } = kontor
const { make, name } = maker(kontor)
const scripted = await scriptedProvider(t, kontor, 'scripted', {
  catalog: catalogWith('1.0.0+build.1'),
})
const find = (plan: string) => kontor.find('scripted', 'db', plan)
const plan = { small: await find('small'), large: await find('large'), none: await find('none') }

function catalogWith(version: string): OsbCatalog {
  const plan = (name: string, more: Partial<OsbPlan> = {}): OsbPlan => ({
    id: name,
    name,
    description: name,
    ...more,
  })
  const plans = [
    plan('small', { maintenance_info: { version, description: 'Restarts.' } }),
    plan('large', { maintenance_info: { version: '3.0.0' } }),
    plan('none'),
  ]
  return {
    services: [
      { id: 'db', name: 'db', description: 'db', bindable: true, plan_updateable: true, plans },
    ],
  }
}

const sent = (kind: 'provision' | 'update') =>
  (scripted.requests(kind).at(-1)?.body ?? {}) as Record<string, unknown>
const order = ({ I, ids }: Made, maintenance?: unknown) =>
  call('PUT', I, {
    ...ids,
    ...here,
    ...(maintenance === undefined ? {} : { maintenance_info: maintenance }),
  })
const update = ({ I, ids }: Made, body: object, query = '') =>
  call('PATCH', `${I}?${query}`, { service_id: ids.service_id, ...body })
const look = async () => ({
  ...(await traces(kontor.running.runtime.db)),
  requests: scripted.requests().length,
})
const read = async ({ I }: Made) => (await call('GET', I)).body

await t.test(
  'MAINT-01 a plan is published with its SemVer version, pre-release and build included; any other version is withheld',
  async (t) => {
    const publish = async (provider: string, versions: readonly string[]) => {
      const services = versions.map((version, index) => ({
        ...catalogWith(version).services[0],
        id: `${provider}-${index}`,
        name: `n${index}`,
        plans: [
          {
            id: `${provider}-${index}-p`,
            name: 'p',
            description: 'p',
            maintenance_info: { version, description: 'Restarts.' },
          },
        ],
      }))
      await kontor.addProvider(provider, { catalog: { services } as OsbCatalog })
      const { body } = await call('GET', '/v2/catalog')
      return (body.services as Array<{ name: string; plans: Array<{ maintenance_info: unknown }> }>)
        .filter((one) => one.name.startsWith(`${provider}-n`))
        .map((one) => one.plans[0]?.maintenance_info)
    }
    const good = [
      '0.0.0',
      '1.2.3',
      '1.0.0-rc.1',
      '2.1.1+abcdef',
      '1.0.0-alpha-a.b-c+build.1-aef.001',
      '1.0.0-0A.is.legal',
      '99999999999.0.0',
    ]
    t.strictSame(
      await publish('good', good),
      good.map((version) => ({ version, description: 'Restarts.' })),
    )
    t.strictSame(
      await publish('bad', [
        '1',
        '1.0',
        'v1.0.0',
        '01.0.0',
        '1.0.0-',
        '1.0.0-01',
        '1.0.0-a..b',
        '1.0.0+',
        '1.0.0+a..b',
        '1.0.0 ',
        '',
        'latest',
      ]),
      [],
    )
  },
)

await t.test(
  'MAINT-02 maintenance_info is sent to a provider only when the platform sent it and the plan has it',
  async (t) => {
    const versioned = name(plan.small)
    t.equal((await order(versioned, { version: '1.0.0+build.1' })).status, 201)
    t.strictSame(sent('provision')['maintenance_info'], { version: '1.0.0+build.1' })
    t.equal(
      (await update(versioned, { maintenance_info: { version: '1.0.0+build.1' } })).status,
      200,
    )
    t.strictSame(sent('update')['maintenance_info'], { version: '1.0.0+build.1' })
    for (const ids of [plan.small, plan.none]) {
      const one = await make(ids)
      t.notOk('maintenance_info' in sent('provision'))
      await update(one, { parameters: { a: 1 } })
      t.notOk('maintenance_info' in sent('update'))
    }
  },
)

await t.test(
  'MAINT-03 a provision with another version than the catalog has now is MaintenanceInfoConflict, and nothing is made',
  async (t) => {
    const before = await look()
    for (const version of ['1.0.1', '0.9.0+build.1', '2.0.0', '3.0.0']) {
      t.match(
        await order(name(plan.small), { version }),
        { status: 422, body: { error: 'MaintenanceInfoConflict', description: /\S/ } },
        version,
      )
    }
    t.strictSame(await look(), before)
    const one = name(plan.small)
    scripted.respond({
      provision: answer(422, { error: 'MaintenanceInfoConflict', description: 'Newer.' }),
    })
    t.match(
      await order(one, { version: '1.0.0+build.1' }),
      { status: 422, body: { error: 'MaintenanceInfoConflict', description: /Newer/ } },
      "the provider's word too",
    )
    scripted.respond({ provision: answer(201) })
    t.equal((await call('GET', one.I)).status, 404)
  },
)

await t.test(
  'MAINT-04 an update with another version than the catalog has now is MaintenanceInfoConflict, and nothing is changed',
  async (t) => {
    const one = await make(plan.small, { parameters: { a: 1 } })
    const before = await look()
    const conflict = { status: 422, body: { error: 'MaintenanceInfoConflict', description: /\S/ } }
    t.match(
      await update(one, { maintenance_info: { version: '1.0.1' }, parameters: { a: 2 } }),
      conflict,
    )
    t.match(
      await update(one, {
        maintenance_info: { version: '1.0.0+build.1' },
        plan_id: plan.large.plan_id,
      }),
      conflict,
      "with a plan change it is the target's that counts",
    )
    t.strictSame(await look(), before)
    t.equal(
      (await update(one, { maintenance_info: { version: '3.0.0' }, plan_id: plan.large.plan_id }))
        .status,
      200,
    )
    t.match(await read(one), {
      plan_id: plan.large.plan_id,
      maintenance_info: { version: '3.0.0' },
      parameters: { a: 1 },
    })
  },
)

await t.test(
  'MAINT-05 without maintenance_info neither Kontor nor the provider checks the version',
  async (t) => {
    const one = await make(plan.small)
    t.notOk('maintenance_info' in sent('provision'))
    t.equal((await update(one, { parameters: { a: 1 } })).status, 200)
    t.equal((await update(one, { plan_id: plan.large.plan_id })).status, 200)
    t.notOk('maintenance_info' in sent('update'))
  },
)

await t.test('MAINT-06 only the version counts', async (t) => {
  const one = name(plan.small)
  const info = { version: '1.0.0+build.1', description: 'Something else.', x_more: { a: 1 } }
  t.equal((await order(one, info)).status, 201)
  t.equal((await update(one, { maintenance_info: info })).status, 200)
  t.equal((await order(name(plan.small), { ...info, description: '' })).status, 201)
})

await t.test(
  'MAINT-07 a plan without maintenance_info accepts no version, and a version that is not SemVer is 400',
  async (t) => {
    const one = await make(plan.none)
    const before = await look()
    const conflict = { status: 422, body: { error: 'MaintenanceInfoConflict' } }
    t.match(
      [
        await order(name(plan.none), { version: '1.0.0' }),
        await update(one, { maintenance_info: { version: '1.0.0' } }),
      ],
      [conflict, conflict],
    )
    for (const bad of [
      { description: 'x' },
      { version: '', description: 'x' },
      { version: 1 },
      { version: null, description: 'x' },
      { version: '1.0' },
      { version: 'v1.0.0' },
      { version: '1.0.0-01' },
    ]) {
      for (const reply of [
        await order(name(plan.small), bad),
        await update(one, { maintenance_info: bad }),
      ]) {
        t.match(reply, { status: 400, body: { description: /version/ } }, JSON.stringify(bad))
        t.equal(reply.body.error, undefined)
      }
    }
    t.strictSame(await look(), before)
    for (const nothing of [
      null,
      {},
      { version: '' },
      { version: null },
      { version: '', description: '' },
    ]) {
      const reply = await update(one, { maintenance_info: nothing })
      t.equal(reply.status, 200, `${JSON.stringify(nothing)} is none`)
    }
    t.strictSame(await look(), before)
  },
)

await t.test('MAINT-08 versions are compared as whole strings, build part included', async (t) => {
  const one = await make(plan.small)
  for (const version of [
    '1.0.0',
    '1.0.0+build.2',
    '1.0.0+build.10',
    '1.0.0-rc.1+build.1',
    '1.0.0+BUILD.1',
  ]) {
    t.equal((await order(name(plan.small), { version })).status, 422, version)
    t.equal((await update(one, { maintenance_info: { version } })).status, 422, version)
  }
  t.equal((await order(name(plan.small), { version: '1.0.0+build.1' })).status, 201)
})

await t.test(
  'MAINT-09 an update with only maintenance_info is maintenance: plan and parameters stay',
  async (t) => {
    for (const script of [answer(200), accepted()]) {
      const one = await make(plan.small, { parameters: { a: 1 } })
      scripted.respond({ update: script })
      const reply = await update(one, { maintenance_info: { version: '1.0.0+build.1' } }, ai)
      if (reply.status === 202)
        t.match(await finished(call, one.I), { body: { state: 'succeeded' } })
      t.strictSame(Object.keys(sent('update')).toSorted(), [
        'maintenance_info',
        'previous_values',
        'service_id',
      ])
      t.match(await read(one), {
        plan_id: plan.small.plan_id,
        parameters: { a: 1 },
        maintenance_info: { version: '1.0.0+build.1' },
      })
    }
    scripted.respond({ update: answer(200) })
  },
)

await t.test(
  'MAINT-10 GET returns the version of the instance, which may be older than that of the catalog',
  async (t) => {
    const [old, none] = [await make(plan.small), await make(plan.none)]
    t.strictSame((await read(old)).maintenance_info, { version: '1.0.0+build.1' })
    t.notOk('maintenance_info' in (await read(none)))
    scripted.respond({ catalog: answer(200, catalogWith('2.0.0')) })
    const { body } = await admin('GET', '/api/providers')
    const { id } = (body.items as Array<{ id: string; name: string }>).find(
      (one) => one.name === 'scripted',
    ) ?? { id: '' }
    t.ok((await admin('POST', `/api/providers/${id}/refresh`)).status < 300)
    await until(
      () => call('GET', '/v2/catalog'),
      ({ text }) => text.includes('"2.0.0"'),
    )
    t.strictSame((await read(old)).maintenance_info, { version: '1.0.0+build.1' })
    t.equal(
      (await order(name(plan.small), { version: '1.0.0+build.1' })).status,
      422,
      "the catalog's present one counts for what is new",
    )
    t.equal(
      (await order(old, { version: '1.0.0+build.1' })).status,
      200,
      'not for an order that is sent again',
    )
    t.equal((await update(old, { parameters: { a: 1 } })).status, 200)
    t.strictSame(
      (await read(old)).maintenance_info,
      { version: '1.0.0+build.1' },
      'another update is no maintenance',
    )
    scripted.respond({ update: answer(422, { description: 'Not now.' }) })
    t.equal((await update(old, { maintenance_info: { version: '2.0.0' } })).status, 422)
    t.strictSame(
      (await read(old)).maintenance_info,
      { version: '1.0.0+build.1' },
      'nor is one that failed',
    )
    scripted.respond({ update: answer(200) })
    t.equal((await update(old, { maintenance_info: { version: '2.0.0' } })).status, 200)
    t.match(sent('update')['previous_values'], { maintenance_info: { version: '1.0.0+build.1' } })
    t.strictSame((await read(old)).maintenance_info, { version: '2.0.0' })
  },
)
