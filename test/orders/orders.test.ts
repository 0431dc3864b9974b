// What people order: from the draft to the instance, and who may do which of it.
import t from 'tap'
import { provision } from '../../src/instances/provision.ts'
import { deleteOldDrafts } from '../../src/orders/delete-drafts.ts'
import { provisionOrder } from '../../src/orders/provision-order.ts'
import { findOrder } from '../../src/orders/store.ts'
import type { OsbCatalog } from '../../tools/simulator/types.ts'
import { shopCatalog, startShop, wanted } from './shop.ts'

let atIntent = (): void => {}
const { kontor, nord, person } = await startShop(t, {
  hitFailpoint(point) {
    if (point === 'intent-written') atIntent()
  },
})
const erika = await person('erika', 'stadt')
const max = await person('max', 'stadt', 'viewer')
const otto = await person('otto', 'land')
const dora = await person('dora', 'dorf')

const draft = async (more: object = {}) => {
  const reply = await erika('POST', '/api/orders', { ...wanted, ...more })
  if (reply.status !== 201) throw new Error(reply.text)
  return reply.body
}
const problems = (body: { problems: Array<{ code: string; field: string | null }> }) =>
  body.problems.map(({ code, field }) => `${code} ${field ?? ''}`.trim())
const instancesAtProvider = () => nord.simulator.state().instances.length

t.test('a draft becomes an order, and its instance is ready', async (t) => {
  const made = await draft()
  t.match(made, {
    state: 'draft',
    progress: 'draft',
    number: /^\d\d-[2-9A-Z]{4}-[2-9A-Z]{4}$/,
    organisation: { name: 'stadt' },
    beneficiary: { name: 'stadt' },
    orderedBy: { name: 'erika' },
    plan: { name: 'small' },
    price: { perMonth: '19.90', minimumTerm: '59.70' },
    terms: { noticeDays: 30, retainDays: 14, protection: 'hoch' },
    parameters: { users: 5 },
  })
  const path = `/api/orders/${made.number}`
  const check = await erika('POST', `${path}/check`)
  t.strictSame([check.status, check.body.orderable, check.body.problems], [200, true, []])
  const before = instancesAtProvider()
  const submitted = await erika('POST', `${path}/submit`, {})
  t.equal(submitted.status, 200, submitted.text)
  t.match(submitted.body, { state: 'submitted', progress: 'ready', expiresAt: null })
  t.equal(instancesAtProvider(), before + 1)
  const again = await erika('POST', `${path}/submit`, {})
  t.match(again.body, { state: 'submitted', progress: 'ready' })
  t.equal(instancesAtProvider(), before + 1, 'no second one')
  const spoken = made.number.toLowerCase().replaceAll('-', ' ')
  t.equal((await erika('GET', `/api/orders/${encodeURIComponent(spoken)}`)).body.id, made.id)
  t.equal((await erika('PATCH', path, { purpose: 'x' })).status, 409)
})

t.test('a check finds all that is missing or wrong in one answer', async (t) => {
  const made = await draft({
    instanceName: ' \u202e ',
    purpose: null,
    costCentre: '0815',
    protectionNeed: 'sehr_hoch',
    parameters: { users: 500, password: 7 },
  })
  t.equal(made.instance.name, null, 'a text of invisible characters is none')
  const path = `/api/orders/${made.number}`
  const found = await erika('POST', `${path}/check`)
  t.match(found.body, { orderable: false, priceChanged: false })
  t.strictSame(problems(found.body), [
    'missing /instanceName',
    'missing /purpose',
    'cost_centre_unknown /costCentre',
    'protection_exceeded /protectionNeed',
    'invalid_parameters /parameters/users',
    'invalid_parameters /parameters/password',
  ])
  t.match(found.body.problems.slice(-2), [
    { values: { keyword: 'maximum' }, detail: 'parameters.users must be <= 100.' },
    { values: { keyword: 'type' }, detail: 'parameters.password must be string.' },
  ])
  const before = nord.simulator.state().instances.length
  const refused = await erika('POST', `${path}/submit`, {})
  t.equal(refused.status, 422)
  t.match(refused.headers['content-type'], /^application\/problem\+json/)
  t.strictSame(problems(refused.body), problems(found.body))
  t.equal(nord.simulator.state().instances.length, before)
  t.equal((await erika('GET', path)).body.state, 'draft')
  const whole = await erika('PATCH', path, {
    instanceName: 'Nachrichten',
    purpose: 'Probe',
    costCentre: '4711',
    protectionNeed: 'hoch',
    parameters: { users: 10, password: 'a secret' },
  })
  t.strictSame(whole.body.parameters, { users: 10 }, 'secrets are not shown')
  const kept = await erika('PATCH', path, { parameters: { users: 11 } })
  t.strictSame(kept.body.parameters, { users: 11 })
  t.match((await erika('POST', `${path}/submit`, {})).body, { progress: 'ready' })
  const at = nord.simulator.state().instances.at(-1)
  t.match(at?.parameters, { users: 11, password: 'a secret' }, 'and stay as they were')
})

t.test('what was given as a secret is never shown, whatever the plan says later', async (t) => {
  const password = 'a secret of erika'
  const makeOne = () => draft({ parameters: { users: 5, password } })
  const [moved, stays, asBefore] = [await makeOne(), await makeOne(), await makeOne()]
  const refresh = async (catalog: OsbCatalog) => {
    nord.simulator.setCatalog(catalog)
    await kontor.admin('POST', `/api/providers/${nord.view.id}/refresh`)
  }
  const [chat] = shopCatalog().services
  const [small, large] = chat?.plans ?? []
  if (chat === undefined || small === undefined || large === undefined) throw new Error('No plan.')
  // One plan without a schema, and one whose schema the provider breaks later.
  await refresh({ services: [{ ...chat, plans: [small, { ...large, schemas: {} }] }] })
  const shown = async (number: string) =>
    (await otto('GET', `/api/orders/${number}`)).body.parameters as unknown
  await otto('PATCH', `/api/orders/${moved.number}`, { plan: 'large' })
  t.strictSame(await shown(moved.number), { users: 5 }, 'on a plan without a schema')
  await otto('PATCH', `/api/orders/${moved.number}`, { plan: 'small' })
  t.strictSame(await shown(moved.number), { users: 5 })
  await refresh({ services: [{ ...chat, plans: [{ ...small, schemas: {} }, large] }] })
  t.strictSame(await shown(stays.number), { users: 5 }, 'on one that has lost its schema')
  const again = await otto('POST', `/api/orders/${stays.number}/again`)
  t.strictSame(again.body.parameters, { users: 5 })
  await refresh(shopCatalog())
  t.strictSame(await shown(stays.number), { users: 5 })
  await erika('POST', `/api/orders/${stays.number}/submit`, {})
  t.match(nord.simulator.state().instances.at(-1)?.parameters, { users: 5, password })
  await otto('PATCH', `/api/orders/${asBefore.number}`, { plan: 'large' })
  await erika('POST', `/api/orders/${asBefore.number}/submit`, {})
  t.match(
    nord.simulator.state().instances.at(-1)?.parameters,
    { users: 5, password },
    'a plan that marks it as well gets it',
  )
})

t.test('only orderers order, viewers read, and nothing foreign is there', async (t) => {
  const { number } = await draft()
  const path = `/api/orders/${number}`
  const writes = [
    ['POST', '/api/orders', wanted],
    ['PATCH', path, { purpose: 'x' }],
    ['DELETE', path],
    ['POST', `${path}/check`],
    ['POST', `${path}/submit`, {}],
    ['POST', `${path}/again`],
  ] as const
  for (const [method, url, body] of writes) {
    t.equal((await max(method, url, body)).status, 403, `viewer: ${method} ${url}`)
    const foreign = await dora(method, url, body)
    t.equal(foreign.status, url === '/api/orders' ? 400 : 404, `foreign: ${method} ${url}`)
    const refused = await kontor.admin(method, url, body)
    t.match([refused.status, refused.body.detail], [403, /only a person/i], `${method} ${url}`)
  }
  t.match((await max('GET', path)).body, { number, parameters: null })
  t.equal((await dora('GET', path)).status, 404)
  t.match((await otto('GET', path)).body, { number, parameters: { users: 5 } }, 'from above')
  t.match((await kontor.admin('GET', path)).body, { number, parameters: null })
  t.strictSame((await dora('GET', '/api/orders')).body.items, [])
  t.equal((await dora('GET', '/api/orders?organisation=stadt')).status, 400)
  const found = await max('GET', `/api/orders?q=${number.slice(0, 7)}&state=draft`)
  t.strictSame(
    found.body.items.map((each: { number: string }) => each.number),
    [number],
  )
  t.equal((await erika('DELETE', path)).status, 204)
  t.equal((await erika('POST', `${path}/submit`, {})).status, 409)
})

t.test('the organisation that uses it sees the order, once it is one', async (t) => {
  const both = await person('bea', 'stadt')
  await person('bea', 'dorf', 'viewer')
  const made = await both('POST', '/api/orders', { ...wanted, beneficiary: 'dorf' })
  t.match(made.body, { beneficiary: { name: 'dorf' }, invoiceRecipient: { name: 'stadt' } })
  const path = `/api/orders/${made.body.number}`
  t.equal((await dora('GET', path)).status, 404)
  await both('POST', `${path}/submit`, {})
  t.match((await dora('GET', path)).body, { progress: 'ready', parameters: null })
  t.equal((await dora('POST', `${path}/again`)).status, 403)
  t.equal((await erika('PATCH', path, { beneficiary: 'dorf' })).status, 400, 'unknown to her')
})

t.test('the same request is carried out once', async (t) => {
  const key = { 'idempotency-key': 'a-key' }
  const [one, two] = await Promise.all([
    erika('POST', '/api/orders', wanted, key),
    erika('POST', '/api/orders', wanted, key),
  ])
  t.equal(one.body.number, two.body.number)
  t.equal((await erika('POST', '/api/orders', { ...wanted, plan: 'large' }, key)).status, 409)
  const own = await otto('POST', '/api/orders', wanted, key)
  t.not(own.body.number, one.body.number, 'keys are of a person')
  const path = `/api/orders/${one.body.number}`
  const before = nord.simulator.state().instances.length
  const all = await Promise.all([1, 2, 3].map(() => erika('POST', `${path}/submit`, {})))
  t.strictSame(
    all.map(({ status }) => status),
    [200, 200, 200],
  )
  t.equal(nord.simulator.state().instances.length, before + 1)
  const again = await erika('POST', `${path}/again`, undefined, { 'idempotency-key': 'b-key' })
  const repeated = await erika('POST', `${path}/again`, undefined, { 'idempotency-key': 'b-key' })
  t.equal(again.body.number, repeated.body.number)
  t.match(again.body, { state: 'draft', parameters: { users: 5 }, purpose: wanted.purpose })
  t.not(again.body.instance.id, one.body.instance.id)
})

t.test('an order whose claim ends before its call is carried out all the same', async (t) => {
  const { number, organisation } = await draft()
  const { runtime } = kontor.running
  const order = await findOrder(runtime.db, 'all', number)
  const platform = runtime.directory.consoleOf(organisation.id)
  if (order === undefined || platform === undefined) throw new Error('There is no draft.')
  let isOver = false
  const provisioned = () => {
    const whole = provisionOrder(runtime, order, platform.id, false)
    return provision(runtime, { ...whole, isAbandoned: () => isOver })
  }
  isOver = true
  await t.rejects(provisioned(), { code: 'unavailable' }, 'nothing is written after the claim')
  isOver = false
  atIntent = () => {
    isOver = true
  }
  t.match(await provisioned(), { kind: 'done' })
  atIntent = () => {}
})

t.test('a rule about its console and a quota hinder an order', async (t) => {
  const { number } = await draft()
  const path = `/api/orders/${number}`
  const { body: platforms } = await kontor.admin('GET', '/api/platforms?kind=console')
  const ours = platforms.items.find(
    (each: { organisation: { name: string } }) => each.organisation.name === 'stadt',
  )
  const { body: rule } = await kontor.admin('POST', '/api/visibility-rules', {
    effect: 'deny',
    who: { platform: ours.id },
    what: { offering: wanted.offering },
    reason: 'Not in the console.',
  })
  const denied = await erika('POST', `${path}/check`)
  t.strictSame(problems(denied.body), ['not_offered'])
  const shown = await erika('GET', `/api/catalog/nord-chat`)
  t.match(shown.body.plans[0].order, { mayOrder: false, reason: 'Not in the console.' })
  await kontor.admin('DELETE', `/api/visibility-rules/${rule.id}`)
  await kontor.admin('PUT', '/api/quotas', { organisation: 'stadt', instances: 0 })
  t.strictSame(problems((await erika('POST', `${path}/check`)).body), ['quota_exceeded'])
  t.equal((await erika('POST', `${path}/submit`, {})).status, 422)
})

t.test('a refused draft and a check make no platform', async (t) => {
  const ofDorf = { ...wanted, organisation: 'dorf', costCentre: null, parameters: null }
  const consoles = async (of: string) =>
    (await kontor.admin('GET', `/api/platforms?organisation=${of}&kind=console`)).body.items.length
  t.equal((await dora('POST', '/api/orders', { ...ofDorf, plan: 'no-such' })).status, 400)
  t.equal((await dora('POST', '/api/orders', { ...ofDorf, beneficiary: 'no-such' })).status, 400)
  t.equal(await consoles('dorf'), 0)
  const { body } = await dora('POST', '/api/orders', ofDorf)
  t.equal(await consoles('dorf'), 1)
  // Moved past Kontor to an organisation whose people have not ordered yet.
  const { body: land } = await kontor.admin('GET', '/api/organisations/land')
  const row = kontor.running.runtime.db.updateTable('orders').where('number', '=', body.number)
  await row.set({ organisation_id: land.id }).execute()
  const check = await otto('POST', `/api/orders/${body.number}/check`)
  t.match([check.status, check.headers['retry-after']], [503, '5'], check.text)
  t.equal(await consoles('land'), 0)
})

t.test('without a mail server nothing is written for one', async (t) => {
  const { db } = kontor.running.runtime
  const submitted = await db
    .selectFrom('orders')
    .select('id')
    .where('state', '=', 'submitted')
    .execute()
  t.ok(submitted.length > 0)
  t.strictSame(await db.selectFrom('followed_orders').select('order_id').execute(), [])
  t.strictSame(await db.selectFrom('mails').select('id').execute(), [])
})

t.test('drafts are deleted 90 days after their last change, orders never', async (t) => {
  const { db } = kontor.running.runtime
  const [old, young] = [await draft(), await draft()]
  const before = await db.selectFrom('orders').select('id').execute()
  const at = new Date(Date.now() - 90 * 86_400_000 - 1_000)
  await db.updateTable('orders').set({ changed_at: at }).where('id', '!=', young.id).execute()
  const drafts = await db
    .selectFrom('orders')
    .select('id')
    .where('state', '!=', 'submitted')
    .execute()
  t.equal(await deleteOldDrafts({ db, now: () => new Date() }), false)
  const after = await db.selectFrom('orders').select('id').execute()
  t.equal(after.length, before.length - drafts.length + 1)
  t.equal((await erika('GET', `/api/orders/${old.number}`)).status, 404)
  t.equal((await erika('GET', `/api/orders/${young.number}`)).status, 200)
})
