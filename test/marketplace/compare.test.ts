// Comparisons of plans: side by side, as a file, and frozen; with what real orders took.
import pg from 'pg'
import t from 'tap'
import { organisation, platform } from '../access/tenants.ts'
import { here } from '../support/kontor.ts'
import { listedCatalog } from './listed-catalog.ts'
import { startMarket } from './people.ts'

const { kontor, agency, provider } = await startMarket(t)
const { admin } = kontor
const evil = '=HYPERLINK("https://evil.example")'
const catalog = listedCatalog('nord')
const [chat, store] = catalog.services as unknown as Array<{
  metadata: Record<string, Record<string, unknown>>
  plans: Array<{ metadata: Record<string, unknown> }>
}>
if (store?.plans[0] !== undefined) store.plans[0].metadata['displayName'] = evil
if (chat?.metadata['dvc'] !== undefined)
  chat.metadata['dvc']['sla'] = { availabilityPercent: 99.5, serviceHours: '+49 30; @home' }
const nord = await kontor.addProvider('nord', { catalog })
const land = await organisation(kontor, 'land', 'land')
const stadt = await organisation(kontor, 'stadt', 'kommune', land)
const bund = await organisation(kontor, 'bund', 'bund')
const ofStadt = await platform(kontor, 'of-stadt', stadt)
const ofBund = await platform(kontor, 'of-bund', bund)
const users = await kontor.find('nord', 'chat', 'users')
const used = await kontor.find('nord', 'store', 'used')
const hidden = await kontor.find('nord', 'odd', 'only')
await admin('POST', '/api/visibility-rules', {
  effect: 'deny',
  who: { organisation: 'land' },
  what: { offering: 'nord-odd' },
  reason: 'No.',
  conceal: true,
})
const officer = await agency('land', 'stadt')
const stranger = await agency('bund')
const path = '/api/catalog/compare'
const of = (...plans: string[]) => plans.map((plan) => `plan=${plan}`).join('&')
const both = of(users.plan_id, used.plan_id)

t.test('plans stand side by side, in the given order', async (t) => {
  const { status, body } = await officer('GET', `${path}?${both}&organisation=stadt`)
  t.equal(status, 200)
  t.match(body.organisation, { id: stadt, name: 'stadt' })
  t.match(body.comparedAt, /^\d{4}-\d\d-\d\dT/)
  t.match(body.plans[0], {
    offering: { name: 'nord-chat' },
    protection: 'normal',
    listing: { sla: { availabilityPercent: 99.5 } },
    plan: { name: 'users', price: { perMonth: '19.90', minimumTerm: '159.70' }, delivery: null },
  })
  t.match(body.plans[1], { offering: { name: 'nord-store' }, plan: { name: 'used' } })
  const twice = await officer('GET', `${path}?${of(users.plan_id, users.plan_id)}`)
  t.equal(twice.body.plans.length, 1)
})

t.test('a plan that may not be seen looks like an unknown one', async (t) => {
  const unknown = await officer('GET', `${path}?${of('none')}`)
  t.equal(unknown.status, 404)
  const foreign = await officer('GET', `${path}?${of(users.plan_id, hidden.plan_id)}`)
  t.strictSame([foreign.status, foreign.text], [404, unknown.text])
  t.equal((await stranger('GET', `${path}?${of(hidden.plan_id)}`)).status, 200)
  t.equal((await (await provider('sued'))('GET', `${path}?${both}`)).status, 404)
  t.equal((await officer('GET', path)).status, 400)
  t.equal((await officer('GET', `${path}?${of('a', 'b', 'c', 'd', 'e')}`)).status, 400)
  const asked = { organisation: 'stadt', plans: [hidden.plan_id] }
  t.equal((await officer('POST', '/api/comparisons', asked)).status, 404)
})

t.test('the file holds no formula', async (t) => {
  const german = await officer('GET', `${path}?${both}&format=csv`)
  t.match(german.headers['content-type'], /^text\/csv/)
  const lines = german.text.split('\r\n')
  t.equal(lines[0], `Plan,Je Person,"'=HYPERLINK(""https://evil.example"")"`)
  t.ok(lines.includes('Fester Preis im Monat,"19,90 EUR",'))
  t.ok(lines.includes('Fester Teil des Preises über die Mindestlaufzeit,"159,70 EUR",'))
  t.ok(lines.includes('Mindestlaufzeit,3 Monate,'), german.text)
  t.match(german.text, /C5 2020 \(gültig bis 30\.06\.2099\); .*BSI \(gültig bis 2099-02-31\)/)
  t.ok(lines.includes(`Servicezeit,'+49 30; @home,`), german.text)
  t.notMatch(german.text, /(^|[,;"\r\n])[=+@]/m)
  const english = await officer('GET', `${path}?${both}&format=csv&language=en`)
  t.match(english.text, /Price \(net\),"?19\.90 EUR per month; 100\.00 EUR once/)
  t.match(english.text, /C5 2020 \(valid to Jun 30, 2099\)/)
})

t.test('what orders took, and who uses a plan already', async (t) => {
  const order = async (of: typeof ofStadt, ...ids: string[]) => {
    for (const id of ids) {
      const path = `/v2/service_instances/${id}`
      t.equal((await of.call('PUT', path, { ...users, ...here })).status, 201)
    }
  }
  const measured = async (call = officer) =>
    (await call('GET', `${path}?${of(users.plan_id)}`)).body.plans[0].plan
  await order(ofStadt, 'i-0')
  await order(ofBund, 'i-1', 'i-2', 'i-3')
  t.equal((await measured()).delivery, null, 'too few orders: those of others must not show')
  nord.simulator.faults.add({ on: 'provision', do: { status: 400 } })
  const refused = await ofBund.call('PUT', '/v2/service_instances/i-x', { ...users, ...here })
  t.ok(refused.status >= 400, refused.text)
  t.equal((await measured()).delivery, null, 'less the own ones, those of one other would show')
  await order(await platform(kontor, 'of-none', null), 'i-4')
  t.equal((await measured()).delivery, null, 'two others')
  const west = await organisation(kontor, 'west', 'land')
  await order(await platform(kontor, 'of-west', west), 'i-5')
  const { delivery, usedBy } = await measured()
  t.match(delivery, { orders: 5, failedPercent: 10 }, 'seven, of which one has failed')
  t.ok(delivery.medianSeconds >= 0 && delivery.p90Seconds >= delivery.medianSeconds)
  t.strictSame(usedBy, [{ organisation: { id: stadt, name: 'stadt' }, instances: 1 }])
  const others = await measured(stranger)
  t.match(others.delivery, { orders: 5 }, 'three others, one of them without an organisation')
  t.strictSame(others.usedBy, [{ organisation: { id: bund, name: 'bund' }, instances: 3 }])
  t.strictSame((await measured(admin)).usedBy, [], 'acts for no organisation')
  const page = await officer('GET', '/api/catalog/nord-chat?organisation=land')
  t.match(page.body.plans[0], { delivery: { orders: 5 }, usedBy: { length: 1 } })
})

t.test('a frozen comparison stays as it was, for its organisation', async (t) => {
  const order = { organisation: 'land', plans: [users.plan_id, used.plan_id], note: 'For schools' }
  const frozen = await officer('POST', '/api/comparisons', order)
  t.equal(frozen.status, 201)
  const address = String(frozen.headers['location'])
  t.match(frozen.body, { note: 'For schools', isUnchanged: true, organisation: { id: land } })
  t.match(frozen.body.digest, /^hmac-sha256:[0-9a-f]{64}$/)
  const digest = frozen.body.digest.slice('hmac-sha256:'.length)

  const [first, ...rest] = catalog.services
  const renamed = { ...first, description: 'Another one', plans: first?.plans.slice(1) }
  nord.simulator.setCatalog({ services: [renamed, ...rest] } as typeof catalog)
  await admin('POST', `/api/providers/${nord.view.id}/refresh`)
  await admin('POST', `/api/providers/${nord.view.id}/catalog/confirm`)
  t.equal((await officer('GET', `${path}?${of(users.plan_id)}`)).status, 404, 'withdrawn by now')
  t.strictSame((await officer('GET', address)).body, frozen.body)
  t.match((await officer('GET', `${address}?format=csv`)).text, /19,90 EUR/)

  const { items } = (await officer('GET', '/api/comparisons')).body
  t.strictSame(
    items.map(({ id }: { id: string }) => `/api/comparisons/${id}`),
    [address],
  )
  t.equal((await stranger('GET', address)).status, 404)
  t.equal((await stranger('GET', '/api/comparisons')).body.items.length, 0)
  const foreign = await stranger('POST', '/api/comparisons', { ...order, organisation: 'land' })
  t.equal(foreign.status, 400)
  const events = (await officer('GET', '/api/audit/events?action=comparison.frozen')).body.items
  t.match(events[0], { organisationId: land, details: { digest, plans: 2 } })
  const owner = new pg.Client({ connectionString: kontor.databaseUrl })
  await owner.connect()
  t.teardown(() => owner.end())
  await owner.query("update plan_comparisons set note = 'For offices'")
  t.match((await officer('GET', address)).body, { note: 'For offices', isUnchanged: false })
})
