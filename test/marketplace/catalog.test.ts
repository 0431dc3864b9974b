// The catalog for people: prices and listing fields, and what each asker sees.
import t from 'tap'
import { organisation } from '../access/tenants.ts'
import type { Reply } from '../support/kontor.ts'
import type { Teardown } from '../support/teardown.ts'
import { listedCatalog } from './listed-catalog.ts'
import { startMarket } from './people.ts'

const path = '/api/catalog'
const { kontor, agency, provider } = await startMarket(t)
const { admin } = kontor
const nord = await kontor.addProvider('nord', { catalog: listedCatalog('nord') })
await kontor.addProvider('sued')
const land = await organisation(kontor, 'land', 'land')
await organisation(kontor, 'stadt', 'kommune', land)
await organisation(kontor, 'bund', 'bund')
const officer = await agency('land')

const names = ({ body }: Reply): string[] =>
  body.items.flatMap(({ name, plans }: { name: string; plans: Array<{ name: string }> }) =>
    plans.map((plan) => `${name}/${plan.name}`),
  )
const ofNord = ['nord-chat/users', 'nord-chat/yearly', 'nord-store/used', 'nord-store/free']
const ofSued = ['sued-db/small', 'sued-db/large', 'sued-app/only']
const everything = [...ofNord, 'nord-odd/only', ...ofSued]
/** Removed at the end of the test. */
async function rule(t: Teardown, given: object): Promise<void> {
  const { body, status, text } = await admin('POST', '/api/visibility-rules', {
    effect: 'deny',
    who: { everybody: true },
    reason: 'Not for you.',
    ...given,
  })
  if (status !== 201) throw new Error(text)
  t.teardown(() => admin('DELETE', `/api/visibility-rules/${body.id}`))
}
const offering = async (name: string) => (await officer('GET', `${path}/${name}`)).body
const priceOf = async (name: string, plan: string) => {
  const { plans } = await offering(name)
  return plans.find((each: { name: string }) => each.name === plan).price
}

t.test('an offering shows what its provider says in the listing fields', async (t) => {
  const { status, body } = await officer('GET', `${path}/nord-chat`)
  t.equal(status, 200)
  t.match(body, {
    organisation: null,
    displayName: { de: 'Nachrichten für Ämter', en: 'Messages for offices' },
    provider: { name: 'nord' },
    category: 'collaboration',
    model: 'SaaS',
    protection: 'normal',
    listing: { sla: { availabilityPercent: 99.5, serviceHours: 'Mo-Fr 8-17' } },
  })
  t.strictSame(body.regions, ['de-nord-1'])
  t.strictSame(
    body.attestations.map(({ kind, isExpired }: Record<string, unknown>) => [kind, isExpired]),
    [
      ['C5', false],
      ['ISO27001', true],
      ['BSI', false],
    ],
  )
  t.strictSame(
    body.documents.map(({ kind, url }: Record<string, unknown>) => [kind, url]),
    [
      ['terms', 'https://docs.example/agb.pdf'],
      ['manual', 'https://docs.example/chat'],
      ['dpa', 'https://docs.example/avv.pdf'],
    ],
    'no link to a script',
  )
  t.match(body.plans[0], {
    displayName: { de: 'Je Person', en: 'Per person' },
    fulfilment: 'manual-ticket',
    expectedHours: 48,
    order: { mayOrder: true, reason: null },
  })
  t.equal((await officer('GET', `${path}/${body.id}`)).body.name, 'nord-chat', 'by id, too')
  t.equal((await officer('GET', `${path}/nord-nothing`)).status, 404)
})

t.test('prices are exact, and counted over the minimum term', async (t) => {
  const users = await priceOf('nord-chat', 'users')
  t.match(users, {
    class: 'usage',
    currency: 'EUR',
    perMonth: '19.90',
    oneTime: '100.00',
    minimumTermMonths: 3,
    minimumTerm: '159.70',
  })
  t.strictSame(
    users.components.map(({ kind, net, period, parameter }: Record<string, unknown>) => [
      kind,
      net,
      period,
      parameter,
    ]),
    [
      ['fixed', '19.90', 'month', null],
      ['one_time', '100.00', null, null],
      ['per_unit', '0.10', 'month', '/users'],
    ],
    'the listing fields come before the costs, and without the price of later',
  )
  t.match(await priceOf('nord-chat', 'yearly'), {
    perMonth: '8.33',
    minimumTermMonths: 6,
    minimumTerm: '100.00',
  })
  const used = await priceOf('nord-store', 'used')
  t.match(used, { class: 'usage', perMonth: null, minimumTerm: null })
  t.strictSame(
    used.components.map(({ net, unit }: Record<string, unknown>) => [net, unit]),
    [
      ['0.10', 'GB MONTHLY'],
      ['0.20', 'GB MONTHLY'],
    ],
    'of `costs`, without listing fields, and each in one currency',
  )
  t.match(await priceOf('nord-store', 'free'), { free: true, class: 'free' })
  t.match(await priceOf('sued-db', 'small'), { free: false, class: 'unstated' })
})

t.test('a field that does not fit is a finding, and withholds only itself', async (t) => {
  const odd = await offering('nord-odd')
  t.match(odd, { category: 'collaboration', protection: null })
  t.notOk('sla' in odd.listing)
  t.strictSame(odd.documents, [])
  t.match(odd.plans[0], { fulfilment: 'osb-broker', price: { class: 'unstated' } })
  t.equal(odd.plans[0].price.minimumTermMonths, null)
  const { catalog } = (await admin('GET', `/api/providers/${nord.view.id}`)).body
  t.strictSame(
    catalog.findings.map(({ path: at, effect }: Record<string, unknown>) => [at, effect]),
    [
      ['/services/1/plans/1/metadata/costs', 'field_dropped'],
      ['/services/2/plans/0/metadata/dvc/price', 'field_dropped'],
      ['/services/2/plans/0/metadata/dvc/minTermMonths', 'field_dropped'],
      ['/services/2/plans/0/metadata/costs/1', 'field_dropped'],
      ['/services/2/metadata/dvc/protection', 'field_dropped'],
      ['/services/2/metadata/dvc/sla', 'field_dropped'],
      ['/services/2/metadata/dvc/documents', 'field_dropped'],
    ],
  )
  t.match(catalog.findings[5].problem, 'sla.availabilityPercent must be <= 100')
  const services = (await kontor.call('GET', '/v2/catalog')).body.services
  t.equal(
    services.find(({ name }: { name: string }) => name === 'nord-odd').metadata.dvc.protection,
    'very high',
    'platforms get it as it was sent',
  )
})

t.test('the list has pages', async (t) => {
  const first = await officer('GET', `${path}?limit=3`)
  t.match(first, { status: 200, body: { total: 5 } })
  const second = await officer('GET', `${path}?limit=3&cursor=${first.body.next}`)
  t.strictSame([...names(first), ...names(second)], everything)
  t.equal(second.body.next, null)
  const gone = await officer('GET', `${path}?cursor=01a2078b-fbbe-7b44-b497-56d4ba8d5a71`)
  t.match(gone, { status: 400, body: { detail: /^cursor/ } })
})

t.test('what may not be ordered is shown with the reason, or concealed', async (t) => {
  await rule(t, { what: { offering: 'nord-store', plan: 'used' } })
  await rule(t, { what: { offering: 'nord-chat' }, conceal: true })
  t.strictSame(
    names(await officer('GET', path)),
    everything.filter((name) => !name.startsWith('nord-chat')),
  )
  t.equal((await officer('GET', `${path}/nord-chat`)).status, 404)
  const { plans } = await offering('nord-store')
  t.strictSame(
    plans.map(({ order }: { order: unknown }) => order),
    [
      { mayOrder: false, reason: 'Not for you.' },
      { mayOrder: true, reason: null },
    ],
  )
})

t.test('each organisation sees what rules say of it and of its ancestors', async (t) => {
  await rule(t, { what: { provider: 'sued' }, who: { organisation: 'land' }, conceal: true })
  await rule(t, {
    effect: 'allow',
    what: { offering: 'nord-odd' },
    who: { level: 'bund' },
    conceal: true,
  })
  const seen = async (call: typeof officer, query = '') =>
    new Set(names(await call('GET', `${path}${query}`)).map((name) => name.split('/')[0]))
  const [both, bund, none] = [await agency('land', 'bund'), await agency('bund'), await agency()]
  t.strictSame(await seen(officer), new Set(['nord-chat', 'nord-store']))
  t.strictSame(await seen(officer, '?organisation=stadt'), new Set(['nord-chat', 'nord-store']))
  const all = new Set(everything.map((name) => name.split('/')[0]))
  t.strictSame(await seen(bund), all)
  t.strictSame(await seen(both), all, 'what one of his organisations may order')
  t.strictSame(await seen(both, '?organisation=land'), new Set(['nord-chat', 'nord-store']))
  t.strictSame(await seen(none), new Set())
  t.strictSame(await seen(admin), all)
  t.strictSame(await seen(admin, '?organisation=land'), new Set(['nord-chat', 'nord-store']))
  t.strictSame(await seen(await provider('sued')), new Set(['sued-db', 'sued-app']))
  for (const foreign of ['bund', 'nothing']) {
    const reply = await officer('GET', `${path}?organisation=${foreign}`)
    t.match(reply, {
      status: 400,
      body: { detail: `organisation: there is no organisation "${foreign}".` },
    })
    t.equal((await officer('GET', `${path}/nord-chat?organisation=${foreign}`)).status, 400)
  }
})

t.test('an operator sees each plan without a word on orders', async (t) => {
  await rule(t, { what: { offering: 'nord-chat' }, conceal: true })
  const { body } = await admin('GET', `${path}/nord-chat`)
  t.strictSame(body.plans[0].order, { mayOrder: null, reason: null })
  const asked = await admin('GET', `${path}?organisation=land`)
  t.match(asked.body.organisation, { id: land, name: 'land' })
  t.notOk(names(asked).includes('nord-chat/users'))
})

t.test(
  'for a suspended organisation nothing may be ordered; a retired one is unknown',
  async (t) => {
    const kreis = await organisation(kontor, 'kreis', 'kommune')
    const call = await agency('kreis', 'land')
    const permissionOf = async (query: string) =>
      (await call('GET', `${path}/nord-chat${query}`)).body.plans[0].order
    t.match(await permissionOf('?organisation=kreis'), { mayOrder: true })
    const suspended = await admin('POST', `/api/organisations/${kreis}/suspend`, {
      reason: 'Audit',
    })
    t.equal(suspended.status, 200)
    t.match(await permissionOf('?organisation=kreis'), {
      mayOrder: false,
      reason: /^The organisation "kreis" is suspended/,
    })
    t.strictSame(await permissionOf(''), { mayOrder: true, reason: null }, 'for the other one')
    t.equal(
      (await admin('POST', `/api/organisations/${kreis}/retire`, { reason: 'Gone' })).status,
      200,
    )
    t.match(await admin('GET', `${path}?organisation=kreis`), {
      status: 400,
      body: { detail: 'organisation: there is no organisation "kreis".' },
    })
  },
)
