// Providers that are down, slow or hostile: a run ends and says why, findings stay as they were, orders go on.
import t from 'tap'
import { finished, here, startKontor, until, type TestKontor } from '../support/kontor.ts'
import { addUpstream } from '../support/upstream-provider.ts'
import { answer, type Script } from '../support/scripted-upstream.ts'
import { addReconciled, behindOurBack, byListing, okay, reconciliationOf } from './runs.ts'

const at = (id: string) => `/v2/service_instances/${id}`

async function order ({ call, find }: TestKontor, provider: string, ids: readonly string[]): Promise<void> {
  const small = await find(provider, 'db', 'small')
  await Promise.all(ids.map(async (id) => okay(await call('PUT', `${at(id)}?accepts_incomplete=true`, { ...small, ...here }))))
  for (const id of ids) await finished(call, at(id))
}

const many = (count: number) => Array.from({ length: count }, (_, at) => `i-${at}`)

for (const [how, options, endpoint] of [['by listing', byListing, 'inventory'], ['by asking', {}, 'fetch_instance']] as const) {
  t.test(`${how}: a provider that goes down in the middle of a run: it fails, and no finding changes`, async (t) => {
    const kontor = await startKontor(t)
    const nord = await addReconciled(kontor, 'nord', options)
    await order(kontor, 'nord', many(12))
    nord.simulator.configure({ inventoryPageSize: 4 })
    const [first, second] = nord.simulator.state().instances.map(({ instance_id: id }) => id).toSorted()
    await behindOurBack(nord, 'DELETE', `${first ?? ''}?service_id=nord-db&plan_id=nord-db-small`)
    await nord.reconcile()
    const before = await nord.findings('?state=all')
    t.match(before, [{ kind: 'missing', upstreamId: first }])

    // Another one goes, and the provider breaks after the first answers.
    await behindOurBack(nord, 'DELETE', `${second ?? ''}?service_id=nord-db&plan_id=nord-db-small`)
    nord.simulator.faults.add({ on: endpoint, after: 2, times: 0, do: { closeConnection: true } })
    t.match(await nord.reconcile(), { state: 'failed', error: /connection/ })
    t.strictSame(await nord.findings('?state=all'), before)
    await nord.simulator.stop()
    t.match(await nord.reconcile(), { state: 'failed', error: /refused|reached|connection/ })
    t.strictSame(await nord.findings('?state=all'), before)
    const { text } = await kontor.admin('GET', `/api/providers/${nord.view.id}/reconciliation`)
    t.notMatch(text, /127\.0\.0\.1/)
    t.notOk(text.includes(nord.password))
  })
}

t.test('one instance that the provider cannot tell of is left as it was, the rest is judged', async (t) => {
  const kontor = await startKontor(t)
  const nord = await addReconciled(kontor, 'nord')
  await order(kontor, 'nord', many(6))
  const [odd, gone] = nord.simulator.state().instances.map(({ instance_id: id }) => id)
  await behindOurBack(nord, 'DELETE', `${gone ?? ''}?service_id=nord-db&plan_id=nord-db-small`)
  nord.simulator.faults.add({ on: 'fetch_instance', times: 0, match: { instance_id: odd ?? '' }, do: { status: 500 } })
  t.match(await nord.reconcile(), { state: 'succeeded', unclear: 1, instancesChecked: 5 })
  t.match(await nord.findings(), [{ kind: 'missing', upstreamId: gone }])
  nord.simulator.faults.clear()
  nord.simulator.faults.add({ on: 'fetch_instance', times: 0, match: { instance_id: gone ?? '' }, do: { malformed: 'html' } })
  await nord.reconcile()
  t.match(await nord.findings(), [{ kind: 'missing', upstreamId: gone }], 'a finding outlives a run that could not judge')
})

t.test('a slow provider: its orders go on in its places, those of others as ever', async (t) => {
  const kontor = await startKontor(t)
  const nord = await addReconciled(kontor, 'nord', { concurrency: 2 })
  await kontor.addProvider('west')
  await order(kontor, 'nord', many(6))
  const [small, other] = [await kontor.find('nord', 'db', 'small'), await kontor.find('west', 'db', 'small')]
  nord.simulator.faults.add({ on: 'fetch_instance', times: 0, do: { delayMs: 700 } })
  const started = await kontor.admin('POST', `/api/providers/${nord.view.id}/reconcile`)
  const asked = () => nord.simulator.state().requests['fetch_instance'] ?? 0
  await until(asked, (count) => count > 0)
  const begun = Date.now()
  // A place is taken by the run for 700 ms each time; the other is for orders, and these need no more.
  t.equal((await kontor.call('PUT', at('during'), { ...small, ...here })).status, 201, 'never 429: a place is left')
  t.equal((await kontor.call('PUT', at('elsewhere'), { ...other, ...here })).status, 201)
  t.ok(asked() < 6, 'the run is not over yet')
  t.ok(Date.now() - begun < 3 * 700)
  const again = await kontor.admin('POST', `/api/providers/${nord.view.id}/reconcile`)
  t.equal(again.headers['location'], started.headers['location'], 'one run at a time: the one under way is the answer')
  const run = await until(() => kontor.admin('GET', String(started.headers['location'])), ({ body }) => body.finishedAt !== null)
  t.match(run.body, { state: 'succeeded', instancesChecked: 6 })
  t.strictSame(await nord.open(), [])
})

t.test('a run waits while all places are taken by orders', async (t) => {
  const kontor = await startKontor(t)
  const nord = await addReconciled(kontor, 'nord', { concurrency: 2 })
  await order(kontor, 'nord', ['i-1'])
  const small = await kontor.find('nord', 'db', 'small')
  nord.simulator.faults.add({ on: 'provision', times: 1, do: { delayMs: 1_500 } })
  const slow = kontor.call('PUT', at('slow'), { ...small, ...here })
  await until(() => nord.simulator.state().requests['provision'] ?? 0, (count) => count === 2)
  const started = await kontor.admin('POST', `/api/providers/${nord.view.id}/reconcile`)
  await until(() => kontor.admin('GET', String(started.headers['location'])), ({ body }) => body.state === 'running')
  t.equal((await kontor.call('PUT', at('quick'), { ...small, ...here })).status, 201, 'the last place is free')
  t.equal(nord.simulator.state().requests['fetch_instance'], undefined, 'for the run leaves it alone')
  t.equal((await slow).status, 201)
  await until(() => kontor.admin('GET', String(started.headers['location'])), ({ body }) => body.state === 'succeeded')
})

t.test('orders that run at the same time make no findings', async (t) => {
  const kontor = await startKontor(t)
  const { call, find } = kontor
  const providers = [await addReconciled(kontor, 'nord', byListing), await addReconciled(kontor, 'west')]
  for (const { view: { name }, simulator } of providers) {
    simulator.configure({ inventoryPageSize: 2, behaviours: { '*': { mode: 'async', provisionSeconds: 0.05, updateSeconds: 0.05, deprovisionSeconds: 0.05 } } })
    await order(kontor, name, many(8).map((id) => `${name}-${id}`))
  }
  let over = false
  const churn = async (name: string, lane: number): Promise<void> => {
    const [small, large] = [await find(name, 'db', 'small'), await find(name, 'db', 'large')]
    for (let round = 0; !over; round++) {
      const id = `${name}-churn-${lane}-${round}`
      const through = async (method: string, path: string, body?: object) => { okay(await call(method, path, body)); await finished(call, at(id)) }
      await through('PUT', `${at(id)}?accepts_incomplete=true`, { ...small, ...here })
      await through('PATCH', `${at(id)}?accepts_incomplete=true`, { service_id: large.service_id, plan_id: large.plan_id })
      okay(await call('PUT', `${at(id)}/service_bindings/${id}-b`, large))
      okay(await call('DELETE', `${at(id)}/service_bindings/${id}-b?service_id=${large.service_id}&plan_id=${large.plan_id}`))
      await through('DELETE', `${at(id)}?service_id=${large.service_id}&plan_id=${large.plan_id}&accepts_incomplete=true`)
    }
  }
  const churning = providers.flatMap(({ view: { name } }) => [1, 2].map((lane) => churn(name, lane)))
  const runs = await Promise.all(providers.map(async ({ reconcile }) => {
    const each = []
    for (let count = 0; count < 15; count++) each.push(await reconcile())
    return each
  })).finally(() => { over = true })
  await Promise.all(churning)
  t.ok(runs.flat().every(({ state, instancesChecked }) => state === 'succeeded' && instancesChecked >= 8), JSON.stringify(runs.flat().filter(({ state }) => state !== 'succeeded')))
  for (const { findings } of providers) t.strictSame((await findings('?state=all')).map(({ kind, object, instanceId, details }) => [kind, object, instanceId, details.text]), [])
})

t.test('an update while the provider is asked: what was read before it is not held against it', async (t) => {
  const kontor = await startKontor(t)
  const nord = await addReconciled(kontor, 'nord')
  await order(kontor, 'nord', ['i-1'])
  const large = await kontor.find('nord', 'db', 'large')
  nord.simulator.faults.add({ on: 'fetch_instance', do: { delayMs: 800 } })
  const started = await kontor.admin('POST', `/api/providers/${nord.view.id}/reconcile`)
  await until(() => nord.simulator.state().requests['fetch_instance'] ?? 0, (count) => count === 1)
  // The delay comes before the answer is made up: the run reads small from our row and large from the provider.
  t.equal((await kontor.call('PATCH', at('i-1'), { service_id: large.service_id, plan_id: large.plan_id })).status, 200)
  await until(() => kontor.admin('GET', String(started.headers['location'])), ({ body }) => body.state === 'succeeded')
  t.strictSame(await nord.findings('?state=all'), [])
})

t.test('a delete while the listing is on its way: what stands in it is not unknown', async (t) => {
  const kontor = await startKontor(t)
  const nord = await addReconciled(kontor, 'nord', byListing)
  await order(kontor, 'nord', ['i-1', 'i-2'])
  const small = await kontor.find('nord', 'db', 'small')
  const query = `service_id=${small.service_id}&plan_id=${small.plan_id}`
  okay(await kontor.call('PUT', `${at('i-2')}/service_bindings/b`, small))
  // The list is made up first, and comes when both are gone.
  nord.simulator.faults.add({ on: 'inventory', when: 'after', do: { delayMs: 800 } })
  const started = await kontor.admin('POST', `/api/providers/${nord.view.id}/reconcile`)
  await until(() => nord.simulator.state().requests['inventory'] ?? 0, (count) => count === 1)
  t.equal((await kontor.call('DELETE', `${at('i-1')}?${query}`)).status, 200)
  t.equal((await kontor.call('DELETE', `${at('i-2')}/service_bindings/b?${query}`)).status, 200)
  await until(() => kontor.admin('GET', String(started.headers['location'])), ({ body }) => body.state === 'succeeded')
  t.strictSame(await nord.findings('?state=all'), [])
})

const page = (count: number, more: object = {}) => ({ instances: Array.from({ length: count }, (_, at) => ({ instance_id: `s-${at}` })), ...more })
let turn = 0
const endless: Script = (request, response) => { answer(200, page(1, { next: `t-${turn++}` }))(request, response) }

const hostile: ReadonlyArray<readonly [what: string, script: Script, says: RegExp]> = [
  ['a page that leads to itself', answer(200, page(1, { next: 'again' })), /goes in circles/],
  ['pages without end', endless, /does not end: it has more than 1,000 pages/],
  ['no JSON', answer(200, '<html>'), /HTML instead of JSON/],
  ['a list', answer(200, []), /not a JSON object/],
  ['no instances', answer(200, {}), /instances is missing/],
  ['an id that is none', answer(200, { instances: [{ instance_id: 7 }] }), /instances\.0\.instance_id must be string/],
  ['an id without end', answer(200, { instances: [{ instance_id: 'x'.repeat(10_000) }] }), /instance_id must NOT have more than 500/],
  ['an id that cannot be kept', answer(200, { instances: [{ instance_id: 'a\0b' }] }), /cannot be kept/],
  ['a page without end', answer(200, page(1, { padding: 'x'.repeat(2_000_000) })), /longer than 1048576 bytes/],
  ['a redirect', answer(302, '', { location: 'http://127.0.0.1:1/' }), /redirect \(302\)/],
  ['no such address', answer(404, {}), /no listing at this address/],
  ['a wrong password', answer(401, { description: 'correct horse' }), /wrong credentials \(401\)/],
  ['an error', answer(503, { description: 'at http://10.0.0.1' }), /answered with 503/],
  ['silence', () => {}, /no answer within 2 s/]
]

t.test('hostile listings end with a clear sentence, and change nothing', async (t) => {
  const kontor = await startKontor(t)
  const provider = await addUpstream(t, kontor, 'nord', { settings: { inventoryPath: '/my/inventory', maxCatalogBytes: 1_048_576 } })
  const { reconcile, findings } = reconciliationOf(kontor, provider.at.replace('/api/providers/', ''))
  await order(kontor, 'nord', ['i-1'])
  for (const [what, script, says] of hostile) {
    provider.answers.inventory = script
    const run = await reconcile()
    t.match(run, { state: 'failed', error: says }, `${what}: ${JSON.stringify(run.error)}`)
    t.notMatch(JSON.stringify(run), /correct horse|10\.0\.0\.1/)
  }
  t.strictSame(await findings('?state=all'), [])
  t.match(provider.asked('inventory')[0], { path: '/my/inventory', headers: { authorization: /^Basic / } })
  provider.answers.inventory = answer(200, page(10_500))
  t.match(await reconcile(), { state: 'succeeded', leftOut: 500 }, 'so many strangers are counted, and most are kept')
  t.equal((await kontor.admin('GET', `${provider.at}/findings?limit=1000`)).body.items.length, 1_000)
})
