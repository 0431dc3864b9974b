// Providers that are down or slow, and orders at the same time: a run records why it failed, and
// has no false findings.
import t from 'tap'
import { catalogOf } from '../support/catalogs.ts'
import { finished, here, startKontor, until, type Call } from '../support/kontor.ts'
import { answer, type Script } from '../support/scripted-upstream.ts'
import { generousLimits } from '../support/scripted-provider.ts'
import { scriptedProvider } from '../support/scripted-provider.ts'
import { addReconciled, changeAtProvider, byListing, okay, over, reconciliationOf } from './runs.ts'
import type { Teardown } from '../support/teardown.ts'

// For the whole file on a busy machine; an idle one needs a fraction of it.
t.setTimeout(110_000)

const at = (id: string) => `/v2/service_instances/${id}`

const kontor = await startKontor(t, { environment: generousLimits })

/** Each test orders as a platform of its own, at providers of its own. */
async function order(call: Call, provider: string, ids: readonly string[]): Promise<void> {
  const small = await kontor.find(provider, 'db', 'small')
  await Promise.all(
    ids.map(async (id) =>
      okay(await call('PUT', `${at(id)}?accepts_incomplete=true`, { ...small, ...here })),
    ),
  )
  for (const id of ids) await finished(call, at(id))
}

/** A provider with two call slots, one of which a run leaves to orders. */
async function twoPlaces(t: Teardown, name: string) {
  const nord = await scriptedProvider(t, kontor, name, { settings: { timeoutSeconds: 20 } })
  okay(await kontor.admin('PATCH', nord.path, { concurrency: 2 }))
  return {
    nord,
    reconciled: reconciliationOf(kontor, nord.id),
    small: await kontor.find(name, 'db', 'small'),
    call: await kontor.newPlatform(name),
  }
}

/** Responses when it is released, and from then on at once. */
function holding(script: Script): { readonly script: Script; release(): void } {
  const { promise, resolve: release } = Promise.withResolvers<void>()
  return {
    script: (request, response) => {
      void promise.then(() => {
        script(request, response)
      })
    },
    release,
  }
}

const many = (count: number) => Array.from({ length: count }, (_, at) => `i-${at}`)

for (const [how, options, endpoint] of [
  ['by listing', byListing, 'inventory'],
  ['by asking', {}, 'fetch_instance'],
] as const) {
  t.test(
    `${how}: a provider that goes down in the middle of a run: it fails, and no finding changes`,
    async (t) => {
      const name = endpoint.replace('_', '-')
      const nord = await addReconciled(kontor, name, { ...options, catalog: catalogOf('nord') })
      await order(await kontor.newPlatform(name), name, many(12))
      nord.simulator.configure({ inventoryPageSize: 4 })
      const [first, second] = nord.simulator
        .state()
        .instances.map(({ instance_id: id }) => id)
        .toSorted()
      await changeAtProvider(
        nord,
        'DELETE',
        `${first ?? ''}?service_id=nord-db&plan_id=nord-db-small`,
      )
      await nord.reconcile()
      const before = await nord.findings('?state=all')
      t.match(before, [{ kind: 'missing', upstreamId: first }])

      // Another one is deleted there, and the provider fails after the first answers.
      await changeAtProvider(
        nord,
        'DELETE',
        `${second ?? ''}?service_id=nord-db&plan_id=nord-db-small`,
      )
      nord.simulator.faults.add({ on: endpoint, after: 2, times: 0, do: { closeConnection: true } })
      t.match(await nord.reconcile(), { state: 'failed', error: /connection/ })
      t.strictSame(await nord.findings('?state=all'), before)
      await nord.simulator.stop()
      t.match(await nord.reconcile(), { state: 'failed', error: /refused|reached|connection/ })
      t.strictSame(await nord.findings('?state=all'), before)
      const { text } = await kontor.admin('GET', `/api/providers/${nord.view.id}/reconciliation`)
      t.notMatch(text, /127\.0\.0\.1/)
      t.notOk(text.includes(nord.password))
    },
  )
}

t.test('an instance that the provider cannot return is not judged, the rest is', async (t) => {
  const call = await kontor.newPlatform('unclear')
  const nord = await addReconciled(kontor, 'unclear')
  await order(call, 'unclear', many(6))
  const [odd, gone] = nord.simulator.state().instances.map(({ instance_id: id }) => id)
  await changeAtProvider(
    nord,
    'DELETE',
    `${gone ?? ''}?service_id=unclear-db&plan_id=unclear-db-small`,
  )
  nord.simulator.faults.add({
    on: 'fetch_instance',
    times: 0,
    match: { instance_id: odd ?? '' },
    do: { status: 500 },
  })
  t.match(await nord.reconcile(), { state: 'succeeded', unclear: 1, instancesChecked: 5 })
  t.match(await nord.findings(), [{ kind: 'missing', upstreamId: gone }])
  nord.simulator.faults.clear()
  nord.simulator.faults.add({
    on: 'fetch_instance',
    times: 0,
    match: { instance_id: gone ?? '' },
    do: { malformed: 'html' },
  })
  await nord.reconcile()
  t.match(
    await nord.findings(),
    [{ kind: 'missing', upstreamId: gone }],
    'a finding outlives a run that could not judge',
  )
})

t.test(
  'a slow provider: its orders continue in its call slots, those of others as before',
  async (t) => {
    const { nord, reconciled, small, call } = await twoPlaces(t, 'slow')
    await kontor.addProvider('west')
    const other = await kontor.find('west', 'db', 'small')
    for (const id of many(6)) okay(await call('PUT', at(id), { ...small, ...here }))
    const { script, release } = holding(answer(200, {}))
    nord.respond({ fetch_instance: script })
    const started = await kontor.admin('POST', `${nord.path}/reconcile`)
    await until(
      () => nord.requests('fetch_instance').length,
      (count) => count > 0,
    )
    // The run takes one call slot; the other is for orders, and these need no more.
    t.equal(
      (await call('PUT', at('during'), { ...small, ...here })).status,
      201,
      'never 429: a slot is free',
    )
    t.equal((await call('PUT', at('elsewhere'), { ...other, ...here })).status, 201)
    t.equal(nord.requests('fetch_instance').length, 1, 'the run is not over yet')
    const again = await kontor.admin('POST', `${nord.path}/reconcile`)
    t.equal(
      again.headers['location'],
      started.headers['location'],
      'one run at a time: the answer is the one in progress',
    )
    release()
    t.match(await over(kontor, String(started.headers['location'])), { state: 'succeeded' })
    t.strictSame(await reconciled.open(), [])
  },
)

t.test('a run waits while orders take all call slots', async (t) => {
  const { nord, small, call } = await twoPlaces(t, 'full')
  okay(await call('PUT', at('i-1'), { ...small, ...here }))
  const { script, release } = holding(answer(201, {}))
  nord.respond({ provision: script })
  const slow = call('PUT', at('slow'), { ...small, ...here })
  await until(
    () => nord.requests('provision').length,
    (count) => count === 2,
  )
  const started = await kontor.admin('POST', `${nord.path}/reconcile`)
  await until(
    () => kontor.admin('GET', String(started.headers['location'])),
    ({ body }) => body.state === 'running',
  )
  nord.respond({ provision: undefined })
  t.equal(
    (await call('PUT', at('quick'), { ...small, ...here })).status,
    201,
    'the last slot is free',
  )
  t.equal(nord.requests('fetch_instance').length, 0, 'for the run leaves it alone')
  release()
  t.equal((await slow).status, 201)
  t.match(await over(kontor, String(started.headers['location'])), { state: 'succeeded' })
})

t.test('orders that run at the same time cause no findings', async (t) => {
  const { find } = kontor
  const call = await kontor.newPlatform('churn')
  const providers = [
    await addReconciled(kontor, 'churn', byListing),
    await addReconciled(kontor, 'churn-west'),
  ]
  for (const {
    view: { name },
    simulator,
  } of providers) {
    simulator.configure({
      inventoryPageSize: 2,
      behaviours: {
        '*': {
          mode: 'async',
          provisionSeconds: 0.05,
          updateSeconds: 0.05,
          deprovisionSeconds: 0.05,
        },
      },
    })
    await order(
      call,
      name,
      many(8).map((id) => `${name}-${id}`),
    )
  }
  let isOver = false
  const churn = async (name: string, lane: number): Promise<void> => {
    const [small, large] = [await find(name, 'db', 'small'), await find(name, 'db', 'large')]
    for (let round = 0; !isOver; round++) {
      const id = `${name}-churn-${lane}-${round}`
      const through = async (method: string, path: string, body?: object) => {
        okay(await call(method, path, body))
        await finished(call, at(id))
      }
      await through('PUT', `${at(id)}?accepts_incomplete=true`, { ...small, ...here })
      await through('PATCH', `${at(id)}?accepts_incomplete=true`, {
        service_id: large.service_id,
        plan_id: large.plan_id,
      })
      okay(await call('PUT', `${at(id)}/service_bindings/${id}-b`, large))
      okay(
        await call(
          'DELETE',
          '' +
            `${at(id)}/service_bindings/${id}-b?service_id=${large.service_id}&plan_id=${large.plan_id}`,
        ),
      )
      await through(
        'DELETE',
        `${at(id)}?service_id=${large.service_id}&plan_id=${large.plan_id}&accepts_incomplete=true`,
      )
    }
  }
  const churning = providers.flatMap(({ view: { name } }) =>
    [1, 2].map((lane) => churn(name, lane)),
  )
  const runs = await Promise.all(
    providers.map(async ({ reconcile }) => {
      const each = []
      for (let count = 0; count < 15; count++) each.push(await reconcile())
      return each
    }),
  ).finally(() => {
    isOver = true
  })
  await Promise.all(churning)
  t.ok(
    runs
      .flat()
      .every(({ state, instancesChecked }) => state === 'succeeded' && instancesChecked >= 8),
    JSON.stringify(runs.flat().filter(({ state }) => state !== 'succeeded')),
  )
  for (const { findings } of providers)
    t.strictSame(
      (await findings('?state=all')).map(({ kind, object, instanceId, details }) => [
        kind,
        object,
        instanceId,
        details.text,
      ]),
      [],
    )
})

t.test('an update while the provider is asked causes no finding', async (t) => {
  const { nord, reconciled, small, call } = await twoPlaces(t, 'updated')
  okay(await call('PUT', at('i-1'), { ...small, ...here }))
  const large = await kontor.find('updated', 'db', 'large')
  const { script, release } = holding(answer(200, { plan_id: 'updated-db-large' }))
  nord.respond({ fetch_instance: script })
  const started = await kontor.admin('POST', `${nord.path}/reconcile`)
  await until(
    () => nord.requests('fetch_instance').length,
    (count) => count === 1,
  )
  // The run has read `small` from Kontor's row, and will read `large` from the provider.
  t.equal(
    (
      await call('PATCH', at('i-1'), {
        service_id: large.service_id,
        plan_id: large.plan_id,
      })
    ).status,
    200,
  )
  release()
  t.match(await over(kontor, String(started.headers['location'])), {
    state: 'succeeded',
    skipped: 1,
  })
  t.strictSame(await reconciled.findings('?state=all'), [])
})

t.test('an instance that is deleted while the listing is read is not unknown', async (t) => {
  const call = await kontor.newPlatform('leaving')
  const nord = await addReconciled(kontor, 'leaving', {
    ...byListing,
    settings: { ...byListing.settings, catalogTimeoutSeconds: 20 },
  })
  await order(call, 'leaving', ['i-1', 'i-2', 'i-3'])
  const small = await kontor.find('leaving', 'db', 'small')
  const query = `service_id=${small.service_id}&plan_id=${small.plan_id}`
  okay(await call('PUT', `${at('i-2')}/service_bindings/b`, small))
  // The delete of the third is in progress before the run begins, so that only its row is known.
  nord.simulator.configure({ behaviours: { '*': { mode: 'async', deprovisionSeconds: 1.5 } } })
  t.equal((await call('DELETE', `${at('i-3')}?${query}&accepts_incomplete=true`)).status, 202)
  nord.simulator.configure({ behaviours: { '*': { mode: 'sync' } } })
  // The provider composes the list first, and sends it when all are gone.
  nord.simulator.faults.add({ on: 'inventory', when: 'after', do: { delayMs: 2_500 } })
  const started = await kontor.admin('POST', `/api/providers/${nord.view.id}/reconcile`)
  await until(
    () => nord.simulator.state().requests['inventory'] ?? 0,
    (count) => count === 1,
  )
  t.equal((await call('DELETE', `${at('i-1')}?${query}`)).status, 200)
  t.equal((await call('DELETE', `${at('i-2')}/service_bindings/b?${query}`)).status, 200)
  await until(
    () => kontor.admin('GET', String(started.headers['location'])),
    ({ body }) => body.state === 'succeeded',
  )
  t.strictSame(await nord.findings('?state=all'), [])
})

t.test(
  'an orphan that is being removed is not unknown; one that is still there afterwards is',
  async (t) => {
    const kontor = await startKontor(t, { environment: { KONTOR_IN_DOUBT_SECONDS: '5' } })
    const nord = await addReconciled(kontor, 'nord', byListing)
    const small = await kontor.find('nord', 'db', 'small')
    // It is created, the answer is lost, and the provider only claims to have removed it.
    nord.simulator.faults.add({ on: 'provision', when: 'after', do: { closeConnection: true } })
    nord.simulator.faults.add({ on: 'deprovision', times: 0, do: { forget: true } })
    t.equal((await kontor.call('PUT', at('i-1'), { ...small, ...here })).status, 502)
    await until(
      () => nord.simulator.state().requests['deprovision'] ?? 0,
      (count) => count >= 1,
    )
    t.match(await nord.reconcile(), { state: 'succeeded', byListing: true })
    t.strictSame(await nord.open(), [], 'Kontor is at it')
    t.equal(nord.simulator.state().instances.length, 1)
    await until(
      async () => {
        await nord.reconcile()
        return nord.findings()
      },
      ([first]) => first !== undefined,
      60_000,
    )
    t.match(await nord.findings(), [
      { kind: 'unknown', instanceId: 'i-1', details: { text: /was deleted at/ } },
    ])
  },
)
