// A catalog that would withdraw what is in use is quarantined until an operator decides.
import t from 'tap'
import type { OsbCatalog } from '../../tools/simulator/types.ts'
import { catalogOf } from '../support/catalogs.ts'
import { here, startKontor, type TestProvider } from '../support/kontor.ts'

const kontor = await startKontor(t)

async function provider(name: string, { withInstance = true } = {}) {
  const { view, simulator } = await kontor.addProvider(name)
  const at = `/api/providers/${view.id}`
  if (withInstance) {
    const ids = await kontor.find(name, 'db', 'small')
    const made = await kontor.call('PUT', `/v2/service_instances/of-${name}`, { ...ids, ...here })
    if (made.status !== 201) throw new Error(made.text)
  }
  const send = async (catalog: OsbCatalog) => {
    simulator.setCatalog(catalog)
    return (await kontor.admin('POST', `${at}/refresh`)).body
  }
  return { at, simulator, send }
}

type Offering = { id: string; name: string; plans: Array<{ id: string; name: string }> }

const publishedOf = async (name: string) =>
  ((await kontor.call('GET', '/v2/catalog')).body.services as Offering[])
    .filter((offering) => offering.name.startsWith(`${name}-`))
    .flatMap((offering) => offering.plans.map((plan) => `${offering.name}/${plan.name}`))

const whole = (name: string) => [`${name}-db/small`, `${name}-db/large`, `${name}-app/only`]

/** Without the plan of the live instance. */
function withoutSmall(name: string): OsbCatalog {
  const catalog = catalogOf(name)
  return {
    services: catalog.services.map((offering) => ({
      ...offering,
      plans: offering.plans.filter((plan) => plan.name !== 'small'),
    })),
  }
}

function withOtherIds(name: string): OsbCatalog {
  return {
    services: catalogOf(name).services.map((offering) => ({
      ...offering,
      id: `${offering.id}-2`,
      plans: offering.plans.map((plan) => ({ ...plan, id: `${plan.id}-2` })),
    })),
  }
}

const eventsOf = async (at: string, action: string) =>
  (
    await kontor.admin(
      'GET',
      `/api/audit/events?action=${action}&objectId=${String(at.split('/').at(-1))}`,
    )
  ).body.items.length as number

const held = async (name: string) =>
  (await kontor.admin('GET', '/metrics')).text
    .split('\n')
    .filter((line) => line.startsWith(`kontor_catalog_quarantined{provider="${name}"}`))
    .map((line) => line.split(' ')[1])

t.test(
  'a catalog without a plan that is in use is not published, and heals by itself',
  async (t) => {
    const { at, send } = await provider('one')
    const after = await send(withoutSmall('one'))
    t.strictSame(await publishedOf('one'), whole('one'))
    t.match(after.catalog, {
      stale: false,
      quarantine: {
        reason: 'plans_lost',
        decision: null,
        digest: /^[0-9a-f]{64}$/,
        lostPlans: 1,
        lost: [{ offering: 'one-db', plan: 'small', liveInstances: 1 }],
        changedPlans: 0,
      },
      findings: [
        { path: '', effect: 'catalog_withheld', problem: /lacks plans that are in use: 1/ },
      ],
    })
    t.strictSame(await held('one'), ['1'])
    t.match(
      (await send(withoutSmall('one'))).catalog.quarantine.since,
      after.catalog.quarantine.since,
    )
    t.equal(await eventsOf(at, 'catalog.quarantined'), 1, 'recorded once')

    const healed = await send(catalogOf('one'))
    t.equal(healed.catalog.quarantine, undefined)
    t.equal(healed.catalog.findings.length, 0)
    t.strictSame(await held('one'), [])
    t.equal(await eventsOf(at, 'catalog.released'), 1)
  },
)

t.test('an operator confirms what is quarantined, and only the loss that was seen', async (t) => {
  const { at, send } = await provider('two')
  const seen = (await send(withoutSmall('two'))).catalog.quarantine.digest as string
  t.match(await kontor.admin('POST', `${at}/catalog/confirm?digest=${'0'.repeat(64)}`), {
    status: 409,
    body: { detail: /digest/ },
  })
  t.strictSame(await publishedOf('two'), whole('two'))
  const confirmed = await kontor.admin('POST', `${at}/catalog/confirm?digest=${seen}`)
  t.match(confirmed, { status: 200, body: { catalog: { plans: 2 } } })
  t.equal(confirmed.body.catalog.quarantine, undefined)
  t.strictSame(await publishedOf('two'), ['two-db/large', 'two-app/only'])
  t.match(await kontor.admin('POST', `${at}/catalog/confirm`), { status: 409 })
  t.equal(
    (await kontor.call('GET', '/v2/service_instances/of-two')).status,
    200,
    'its instance is still served',
  )
})

t.test('what a provider sends between view and confirmation is judged anew', async (t) => {
  const { at, simulator, send } = await provider('three')
  await send(withoutSmall('three'))
  simulator.setCatalog({ services: [] })
  const confirmed = await kontor.admin('POST', `${at}/catalog/confirm`)
  t.match(confirmed.body.catalog.quarantine, { reason: 'empty', decision: null, lostPlans: 1 })
  t.strictSame(await publishedOf('three'), whole('three'))
})

t.test('a catalog that is suddenly empty is quarantined, used or not', async (t) => {
  const { at, send } = await provider('four', { withInstance: false })
  t.match((await send({ services: [] })).catalog.quarantine, { reason: 'empty', lostPlans: 0 })
  t.strictSame(await publishedOf('four'), whole('four'))
  t.match((await kontor.admin('POST', `${at}/catalog/reject`)).body.catalog, {
    quarantine: { reason: 'empty', decision: 'rejected' },
    plans: 3,
  })
  t.strictSame(await held('four'), [], 'it waits for nothing more')
  t.match((await send({ services: [] })).catalog.quarantine, { decision: 'rejected' })
  t.strictSame(await publishedOf('four'), whole('four'))
  await kontor.admin('POST', `${at}/catalog/confirm`)
  t.strictSame(await publishedOf('four'), [], 'an operator may think better of it')
})

t.test('new ids under the same names are quarantined, with a mapping of old to new', async (t) => {
  const { at, send } = await provider('five', { withInstance: false })
  const { quarantine } = (await send(withOtherIds('five'))).catalog
  t.match(quarantine, { reason: 'ids_changed', changedPlans: 3, lostPlans: 0 })
  t.strictSame(quarantine.changedIds[0], {
    offering: 'five-db',
    plan: 'small',
    from: { serviceId: 'five-db', planId: 'five-db-small' },
    to: { serviceId: 'five-db-2', planId: 'five-db-small-2' },
  })
  t.strictSame(await publishedOf('five'), whole('five'))
  t.equal((await kontor.admin('POST', `${at}/catalog/confirm`)).status, 200)
  t.strictSame(await publishedOf('five'), whole('five'))
  t.match((await kontor.find('five', 'db', 'small')).plan_id, /^[0-9a-f-]{36}$/)
})

t.test('changed ids have no rules of the old ones, and no moment without them', async (t) => {
  const { at, send } = await provider('twelve')
  const deny = async (what: object) => {
    const order = { effect: 'deny', who: { everybody: true }, what, reason: 'Not for you.' }
    const { status, text, body } = await kontor.admin('POST', '/api/visibility-rules', order)
    if (status !== 201) throw new Error(text)
    return String(body.id)
  }
  const small = { offering: 'twelve-db', plan: 'small' }
  await deny(small)
  const allowed = ['twelve-db/large', 'twelve-app/only']
  t.strictSame(await publishedOf('twelve'), allowed)
  await send(withOtherIds('twelve'))
  const whole = await deny({ provider: 'twelve' })
  t.strictSame(await publishedOf('twelve'), [])
  t.equal((await kontor.admin('POST', `${at}/catalog/confirm`)).status, 200)
  t.strictSame(await publishedOf('twelve'), [])
  await deny(small)
  await kontor.admin('DELETE', `/api/visibility-rules/${whole}`)
  t.strictSame(await publishedOf('twelve'), allowed, 'the name is that of the new plan')
  t.equal((await kontor.call('GET', '/v2/service_instances/of-twelve')).status, 200)
})

t.test('a confirmed loss stays confirmed, whatever else the catalog holds', async (t) => {
  const { at, simulator, send } = await provider('nine')
  const lost = await send(withoutSmall('nine'))
  t.equal(lost.catalog.quarantine.reason, 'plans_lost')
  const [database, app] = withoutSmall('nine').services
  if (database === undefined || app === undefined) throw new Error('There are two offerings.')
  // As a broker that writes the time into its metadata, and its offerings in any order.
  simulator.setCatalog({ services: [app, { ...database, metadata: { readAt: 2 } }] })
  const digest = String(lost.catalog.quarantine.digest)
  const confirmed = await kontor.admin('POST', `${at}/catalog/confirm?digest=${digest}`)
  t.equal(confirmed.body.catalog.quarantine, undefined)
  t.strictSame((await publishedOf('nine')).toSorted(), ['nine-app/only', 'nine-db/large'])
})

t.test('what Kontor withholds itself is not lost: the rest is published', async (t) => {
  const { send } = await provider('ten')
  const catalog = catalogOf('ten')
  for (const { plans } of catalog.services)
    for (const plan of plans) {
      if (plan.name === 'small') Object.assign(plan, { description: 7 })
      else plan.description = 'New'
    }
  const { quarantine, findings } = (await send(catalog)).catalog
  t.equal(quarantine, undefined)
  t.match(findings, [{ effect: 'plan_withheld', planId: 'ten-db-small', problem: /description/ }])
  t.strictSame(await publishedOf('ten'), ['ten-db/large', 'ten-app/only'])
})

t.test('a provider that is registered again has no quarantine of the former one', async (t) => {
  const { at, send } = await provider('eleven', { withInstance: false })
  t.equal((await send({ services: [] })).catalog.quarantine.reason, 'empty')
  t.equal((await kontor.admin('DELETE', at)).status, 204)
  const { view } = await kontor.addProvider('eleven', { catalog: { services: [] } })
  t.equal(view.catalog.quarantine, undefined)
})

t.test('what nothing needs may be withdrawn, and a first catalog may be empty', async (t) => {
  const { send } = await provider('six', { withInstance: false })
  t.equal((await send(withoutSmall('six'))).catalog.quarantine, undefined)
  t.strictSame(await publishedOf('six'), ['six-db/large', 'six-app/only'])
  const { view } = await kontor.addProvider('seven', { catalog: { services: [] } })
  t.equal((view as TestProvider['view']).catalog.quarantine, undefined)
})

t.test('a provider whose catalog cannot be read shows in the metrics', async (t) => {
  const { at, simulator } = await provider('eight', { withInstance: false })
  simulator.faults.add({ on: 'catalog', times: 2, do: { status: 500 } })
  await kontor.admin('POST', `${at}/refresh`)
  await kontor.admin('POST', `${at}/refresh`)
  const { text } = await kontor.admin('GET', '/metrics')
  t.match(text, /kontor_catalog_read_failures\{provider="eight"\} 2\n/)
  t.match(text, /kontor_catalog_age_seconds\{provider="eight"\} \d/)
  t.match(text, /kontor_catalog_last_read_timestamp_seconds\{provider="eight"\} 1\d{9}/)
})
