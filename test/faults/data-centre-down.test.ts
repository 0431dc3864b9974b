// A dead provider affects only orders at it, and all works again when it comes back.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { startSimulator } from '../../tools/simulator/start.ts'
import { finished, here, startKontor, until } from '../support/kontor.ts'
import { catalogOf } from '../support/catalogs.ts'
import { agree, readRows, settled } from './invariants.ts'

const ai = 'accepts_incomplete=true'
const at = (id: string) => `/v2/service_instances/${id}`

t.test('a data centre that goes down and comes back', async (t) => {
  const kontor = await startKontor(t)
  const { call, admin } = kontor
  const folder = await mkdtemp(join(tmpdir(), 'kontor-down-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const credentials = { username: 'kontor', password: 'of-the-provider' }
  const options = {
    catalog: catalogOf('nord'),
    provider: 'nord',
    stateFile: join(folder, 'journal'),
    behaviours: { '*': { mode: 'sync' } },
    ...credentials,
  } as const
  let nord = await startSimulator(options)
  t.teardown(() => nord.stop())
  const { url, port } = nord
  const registered = await admin('POST', '/api/providers', {
    name: 'nord',
    backend: 'osb',
    settings: { url, timeoutSeconds: 2 },
    credentials,
    refreshSeconds: 5,
  })
  t.equal(registered.status, 201, registered.text)
  const { simulator: sued } = await kontor.addProvider('sued')
  const [ids, otherIds] = [
    await kontor.find('nord', 'db', 'small'),
    await kontor.find('sued', 'db', 'small'),
  ]
  const query = `?service_id=${ids.service_id}&plan_id=${ids.plan_id}`
  t.equal(
    (await call('PUT', at('held'), { ...ids, ...here, parameters: { kept: true } })).status,
    201,
  )
  t.equal((await call('PUT', `${at('held')}/service_bindings/b`, ids)).status, 201)
  const catalogBefore = await call('GET', '/v2/catalog')
  const provider = `/api/providers/${registered.body.id}`
  t.match(await admin('GET', provider), {
    body: { catalog: { stale: false, error: null, offerings: 2 } },
  })

  await nord.stop()

  await t.test(
    'its offerings stay in the catalog, and the operator sees what is wrong',
    async (t) => {
      await admin('POST', `${provider}/refresh`)
      const view = await until(
        () => admin('GET', provider),
        ({ body }) => body.catalog.stale === true,
      )
      t.match(view.body.catalog, { stale: true, error: /\S{3}/, offerings: 2 })
      t.notMatch(view.body.catalog.error, /127\.0\.0\.1/)
      const catalog = await call('GET', '/v2/catalog')
      t.equal(catalog.text, catalogBefore.text, 'not one byte of the catalog changed')
      t.equal(catalog.headers['etag'], catalogBefore.headers['etag'])
    },
  )

  await t.test('orders elsewhere work as ever', async (t) => {
    t.equal((await call('PUT', at('elsewhere'), { ...otherIds, ...here })).status, 201)
    agree(t, await settled(kontor, 'elsewhere'), sued)
  })

  await t.test('an order to it gets a clear answer and leaves nothing behind', async (t) => {
    const started = Date.now()
    for (const query of ['', `?${ai}`]) {
      const reply = await call('PUT', `${at('new')}${query}`, { ...ids, ...here })
      t.match(reply, {
        status: 502,
        body: { description: /nord: The provider could not be reached/ },
      })
      t.notMatch(reply.text, /127\.0\.0\.1|password/)
      t.strictSame(await readRows(kontor, 'new'), {
        instances: [],
        bindings: [],
        running: [],
        orphans: 0,
      })
      t.equal((await call('GET', at('new'))).status, 404)
    }
    t.ok(Date.now() - started < 2_000, 'and it gets it at once')
    t.match(await call('PUT', `${at('held')}/service_bindings/new`, ids), { status: 502 })
    t.match(
      await call('PATCH', at('held'), { service_id: ids.service_id, parameters: { kept: false } }),
      { status: 502 },
    )
    t.equal((await readRows(kontor, 'held')).bindings.length, 1)
  })

  await t.test(
    'what it holds can be read, and a DELETE fails clearly and changes nothing',
    async (t) => {
      t.match(await call('GET', at('held')), { status: 200, body: { parameters: { kept: true } } })
      t.type((await call('GET', `${at('held')}/service_bindings/b`)).body.credentials, 'object')
      t.match(await call('DELETE', `${at('held')}/service_bindings/b${query}`), {
        status: 502,
        body: { description: /could not be reached/ },
      })
      t.match(await call('DELETE', `${at('held')}${query}`), {
        status: 502,
        body: { description: /could not be reached/ },
      })
      t.match(await call('DELETE', `${at('held')}${query}&${ai}`), { status: 502 })
      t.match((await settled(kontor, 'held')).instances, [{ state: 'ready' }])
      t.equal((await call('GET', `${at('held')}/service_bindings/b`)).status, 200)
    },
  )

  await t.test('it comes back: the same orders work, and the catalog is fresh again', async (t) => {
    nord = await startSimulator({ ...options, port })
    const reply = await call('PUT', at('new'), { ...ids, ...here })
    t.equal(reply.status, 201, reply.text)
    const view = await until(
      () => admin('GET', provider),
      ({ body }) => body.catalog.stale === false,
    )
    t.match(view.body.catalog, { stale: false, error: null, offerings: 2 })
    agree(t, { ...(await settled(kontor)), ...(await ofProvider(kontor, 'nord')) }, nord)
    t.equal((await call('DELETE', `${at('held')}${query}`)).status, 200)
    t.equal((await call('DELETE', `${at('new')}${query}`)).status, 200)
    t.strictSame(nord.state().instances, [])
  })
})

t.test(
  'a data centre that dies while it makes an instance: the order ends when it is back',
  async (t) => {
    const kontor = await startKontor(t)
    const { call } = kontor
    const folder = await mkdtemp(join(tmpdir(), 'kontor-down-'))
    t.teardown(() => rm(folder, { recursive: true, force: true }))
    const stateFile = join(folder, 'journal')
    const behaviours = { '*': { mode: 'async', provisionSeconds: 1 } } as const
    const { simulator } = await kontor.addProvider('nord', { stateFile, behaviours })
    const ids = await kontor.find('nord', 'db', 'small')
    const ordered = await call('PUT', `${at('i')}?${ai}`, { ...ids, ...here })
    t.equal(ordered.status, 202)
    // The worst moment: it acts, persists it, and dies before it answers.
    simulator.faults.add({ on: 'provision', do: { crash: true } })
    const lost = await call('PUT', `${at('j')}?${ai}`, { ...ids, ...here })
    t.equal(lost.status, 202, 'the outcome is unknown, so it is reported later')
    t.match(await call('GET', `${at('i')}/last_operation`), {
      status: 200,
      body: { state: 'in progress' },
    })
    const rows = await until(
      () => readRows(kontor),
      ({ running }) =>
        running.some(({ state, retries }) => state === 'compensating' && retries > 0),
    )
    t.equal(rows.running.length, 2, 'both are still worked on')

    // It restarts without a password: the same journal answers at the same address.
    const back = await startSimulator({
      catalog: catalogOf('nord'),
      stateFile,
      behaviours,
      port: simulator.port,
    })
    t.teardown(() => back.stop())
    t.match(await finished(call, at('i'), ordered.body.operation), { body: { state: 'succeeded' } })
    t.match(await finished(call, at('j'), lost.body.operation), { body: { state: 'failed' } })
    agree(t, await settled(kontor), back)
    t.equal(back.state().effects.deprovisioned, 1, 'what it made for the lost order was removed')
  },
)

async function ofProvider(kontor: Parameters<typeof readRows>[0], name: string) {
  const rows = await readRows(kontor)
  return { instances: rows.instances.filter(({ upstream_plan_id: plan }) => plan.startsWith(name)) }
}
