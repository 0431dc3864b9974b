// What the role provider may change of its registration, and what it learns about the addresses
// that it registers.
import t from 'tap'
import { asRole } from '../support/as-role.ts'
import { here, startKontor, until } from '../support/kontor.ts'
import { answer, freePort, rawUpstream, scriptedUpstream } from '../support/scripted-upstream.ts'
import { tokenEndpoint } from '../support/token-endpoint.ts'
import { catalogOf } from '../support/catalogs.ts'

const kontor = await startKontor(t)
const { admin, call } = kontor
const { view, password, simulator } = await kontor.addProvider('nord', {
  settings: { maxResponseBytes: 100_000, catalogTimeoutSeconds: 0.5 },
})
const at = `/api/providers/${view.id}`
const provider = await asRole(t, kontor, 'provider', { organisations: [], providers: ['nord'] })
const none = { none: true }
const { url, ...limits } = view.settings as { url: string }

t.test('the role provider changes its address, and no limit among the settings', async (t) => {
  const before = (await admin('GET', at)).body
  for (const [name, value] of Object.entries({
    maxResponseBytes: 67_108_864,
    maxCatalogBytes: 67_108_864,
    timeoutSeconds: 55,
    catalogTimeoutSeconds: 55,
    originatingIdentity: 'drop',
    inventoryPath: '/inventory',
  }))
    t.match(
      await provider('PATCH', at, { displayName: 'Mine', settings: { url, [name]: value } }),
      {
        status: 403,
        body: { detail: new RegExp(`^settings\\.${name} is changed by an operator`) },
      },
      name,
    )
  for (const [name, value] of Object.entries({ allowedNetworks: [], allowedPorts: [] }))
    t.match(await provider('PATCH', at, { [name]: value }), {
      status: 403,
      body: { detail: new RegExp(`^${name} is changed by an operator`) },
    })
  t.strictSame((await admin('GET', at)).body, before)
  const same = { url, ...limits, originatingIdentity: 'forward', maxCatalogBytes: 8_388_608 }
  t.match(
    await provider('PATCH', at, { settings: { ...same, apiVersion: '2.16' } }),
    { status: 200, body: { settings: { ...limits, url, apiVersion: '2.16' } } },
    'unchanged values are no change, nor are defaults',
  )
  t.strictSame(
    (await provider('PATCH', at, { settings: { url } })).body.settings,
    { url, ...limits },
    'and what is left out stays',
  )
})

t.test('an operator narrows the networks and ports of a provider', async (t) => {
  const { port } = new URL(url)
  const errorWith = async (change: object) =>
    (await admin('PATCH', at, change)).body.catalog.error as string | null
  t.match(
    await errorWith({ allowedNetworks: ['10.0.0.0/8', '::1'] }),
    /^127\.0\.0\.1 leads into a network .* KONTOR_PROVIDER_NETWORKS and allowedNetworks/,
  )
  t.match(
    await call('PUT', '/v2/service_instances/outside', {
      ...(await kontor.find('nord', 'db')),
      ...here,
    }),
    { status: 502, body: { description: /in a network that Kontor may not connect to/ } },
    'an order is not sent there either',
  )
  t.equal(await errorWith({ allowedNetworks: ['127.0.0.1'] }), null)
  t.match(await errorWith({ allowedPorts: [443, 1] }), /^port \d+ of 127\.0\.0\.1 is not among/)
  t.equal(await errorWith({ allowedPorts: [Number(port)] }), null)
  t.match((await admin('GET', at)).body, {
    allowedNetworks: ['127.0.0.1'],
    allowedPorts: [Number(port)],
  })
  for (const [change, detail] of [
    [{ allowedNetworks: ['10.0.0.1/8'] }, /^allowedNetworks\.0 has bits set beyond/],
    [{ allowedNetworks: ['inside'] }, /^allowedNetworks\.0 is neither an IP address/],
    [{ allowedPorts: [0] }, /^allowedPorts\.0 must be >= 1/],
  ] as const)
    t.match(await admin('PATCH', at, change), { status: 400, body: { detail } })
  t.equal(await errorWith({ allowedNetworks: [], allowedPorts: [] }), null)
  t.match(
    await admin('POST', '/api/providers', {
      name: 'closed',
      backend: 'osb',
      settings: { url },
      credentials: none,
      allowedNetworks: ['2001:db8::/32'],
    }),
    { status: 201, body: { catalog: { error: /^127\.0\.0\.1 leads into a network/ } } },
    'KONTOR_PROVIDER_NETWORKS allows no more than that',
  )
})

// A server of each kind that a scan would tell apart, and what an operator reads.
async function scanned(t: { teardown(clean: () => unknown): void }) {
  const served = async (script: ReturnType<typeof answer>, tls?: 'elsewhere') =>
    (await scriptedUpstream(t, script, tls)).url
  return [
    [`http://127.0.0.1:${await freePort()}`, /^connection refused/],
    [await served(answer(404)), /\(404\)/],
    [await served(answer(401)), /\(401\)/],
    [
      (await rawUpstream(t, (socket) => socket.end('SSH-2.0-x\r\n', () => socket.destroy()))).url,
      /connection broke/,
    ],
    [await served(answer(200), 'elsewhere'), /^the certificate/],
    ['http://192.168.0.1', /^192\.168\.0\.1 leads into/],
    [
      (await rawUpstream(t, (socket) => socket.setTimeout(1_000, () => socket.destroy()))).url,
      /^no answer within 0\.5 s/,
    ],
    [await served(answer(200, {})), /no list "services"/],
  ] as const
}

const hidden = /^Kontor got no usable answer\. It shows why to operators only/

t.test('of an origin that no operator has approved the role provider learns nothing', async (t) => {
  const seen = new Set<string>()
  for (const [target, error] of await scanned(t)) {
    const { origin } = new URL(target)
    const changed = await provider('PATCH', at, { settings: { url: target }, credentials: none })
    t.match(changed, { status: 200, body: { unapprovedOrigins: [origin] } }, target)
    t.equal((await provider('POST', `${at}/refresh`)).status, 200)
    t.match((await admin('POST', `${at}/refresh`)).body, { catalog: { error } })
    for (const { body } of [changed, await provider('GET', at)]) {
      const { catalog, circuit } = body
      t.match(catalog, { stale: true, error: hidden, findings: { length: 0 } }, target)
      t.match(circuit, { state: 'open', reason: /^No operator has approved/ })
      const { checkedAt: _1, changedAt: _2, ...same } = catalog
      seen.add(JSON.stringify([same, circuit]))
    }
    t.match((await provider('GET', '/api/providers')).body.items[0].catalog.error, hidden)
  }
  t.equal(seen.size, 1, 'every answer is the same')
})

t.test('nothing but the catalog is called there, and orders and orphans wait', async (t) => {
  const ids = await kontor.find('nord', 'db', 'small')
  const started = await provider('POST', `${at}/reconcile`)
  const run = await until(
    () => provider('GET', `/api/reconciliations/${String(started.body.id)}`),
    ({ body }) => body.state === 'failed',
  )
  t.match(run.body.error, /^No operator has approved http:\/\/127\.0\.0\.1:\d+\./)
  const back = { settings: { url }, credentials: { username: 'kontor', password } }
  t.match((await provider('PATCH', at, back)).body, { unapprovedOrigins: { length: 0 } })

  const order = (id: string, query = '') =>
    call('PUT', `/v2/service_instances/${id}${query}`, { ...ids, ...here })
  const ofId = `service_id=${ids.service_id}&plan_id=${ids.plan_id}`
  t.equal((await order('left')).status, 201)
  simulator.faults.add({ on: 'deprovision', times: 0, do: { status: 500 } })
  const removal = await call('DELETE', `/v2/service_instances/left?accepts_incomplete=true&${ofId}`)
  const operation = `/api/operations/${String(removal.body.operation)}`
  t.equal((await admin('POST', `${operation}/abandon`, { reason: 'seen' })).status, 200)
  const afterTry = () =>
    until(
      () => provider('GET', operation),
      ({ body }) => body.orphans[0]?.retries > 0 && body.orphans[0].leaseUntil === null,
    )
  await afterTry()

  const elsewhere = await scriptedUpstream(t, answer(410))
  await provider('PATCH', at, { settings: { url: elsewhere.url }, credentials: none })
  // Not before the change: until then there may be one more try.
  const tried = await afterTry()
  t.match(await order('at-once'), {
    status: 503,
    body: { description: /has a new address, which waits for the approval of an operator/ },
  })
  t.match((await call('GET', `/v2/service_instances/left`)).status, 404)
  t.equal((await order('later', '?accepts_incomplete=true')).status, 202)
  await until(
    () => admin('GET', at),
    ({ body }) => /404|410/.test(String(body.catalog.error)),
  )
  const waiting = async () =>
    (await provider('GET', '/api/operations?instanceId=later')).body.items[0]
  t.match(await waiting(), { state: 'accepted', retries: 0, description: null })
  const { retries, answer: said } = tried.body.orphans[0]
  t.match((await provider('GET', operation)).body.orphans, [{ retries, answer: said }])
  t.ok(elsewhere.requests.length > 0)
  t.strictSame(
    elsewhere.requests.filter(({ path }) => path !== '/v2/catalog'),
    [],
  )

  simulator.faults.clear()
  await provider('PATCH', at, back)
  await until(waiting, ({ state }) => state === 'succeeded')
  await until(
    () => provider('GET', operation),
    ({ body }) => body.orphans[0].state === 'removed',
  )
})

t.test('an operator approves an origin, and everybody in scope sees every detail', async (t) => {
  const moved = await scriptedUpstream(t, answer(404))
  const tokens = await tokenEndpoint(t, { id: 'other', secret: 'other' })
  const credentials = { tokenUrl: tokens.url, clientId: 'a', clientSecret: 'secret' }
  const change = { settings: { url: moved.url }, credentials }
  const { origin } = new URL(tokens.url)
  const both = [moved.url, origin]
  t.strictSame((await provider('PATCH', at, change)).body.unapprovedOrigins, both)
  const approve = (by: typeof call, origins: string[]) =>
    by('POST', `${at}/approve-origins`, { origins })
  t.equal((await approve(provider, both)).status, 403)
  t.match(await approve(admin, ['https://other.example']), {
    status: 409,
    body: { detail: /does not name the origin https:\/\/other\.example/ },
  })
  t.match(await approve(admin, [origin]), { body: { unapprovedOrigins: [moved.url] } })
  t.match((await provider('GET', at)).body, { catalog: { error: hidden } })
  const detail = /token endpoint answered with 401/
  t.match(await approve(admin, [`${moved.url}/`]), {
    status: 200,
    body: { unapprovedOrigins: { length: 0 }, catalog: { error: detail } },
  })
  t.match((await provider('GET', at)).body, { catalog: { error: detail } })
  t.match(
    await provider('PATCH', at, { settings: { url: moved.url }, credentials: none }),
    { status: 200, body: { catalog: { error: /no catalog at this address \(404\)/ } } },
    'at an approved origin every detail is shown at once',
  )
  const { items } = (
    await admin('GET', `/api/audit/events?objectKind=provider&objectId=${view.id}`)
  ).body
  t.match(
    items.find(({ action }: { action: string }) => action === 'provider.origins-approved'),
    { actor: /./, details: { approvedOrigins: /^http/ } },
  )
})

t.test('an operator who changes an origin approves it, but not one sent back', async (t) => {
  const good = await scriptedUpstream(t, answer(200, catalogOf('nord')))
  const change = { settings: { url: good.url }, credentials: none }
  t.match((await provider('PATCH', at, change)).body, { unapprovedOrigins: [good.url] })
  t.match(
    await until(
      () => provider('GET', at),
      ({ body }) => body.catalog.error === null,
    ),
    { body: { catalog: { offerings: 2, stale: false } } },
    'that an unapproved origin has a catalog is shown, for it is published',
  )
  const { settings } = (await admin('GET', at)).body
  t.match((await admin('PATCH', at, { displayName: 'Nord' })).body, {
    unapprovedOrigins: [good.url],
  })
  const patched = async (change: object) =>
    (await admin('PATCH', at, change)).body.unapprovedOrigins as string[]
  const longer = { settings: { ...settings, timeoutSeconds: 20 } }
  t.strictSame(await patched(longer), [good.url], 'settings as they were read')
  t.strictSame(await patched({ credentials: none }), [good.url])
  t.strictSame(await patched({ settings: { url }, credentials: none }), [], 'another origin')
  await provider('PATCH', at, change)
  t.strictSame(
    (await admin('POST', `${at}/approve-origins`, { origins: [good.url] })).body.unapprovedOrigins,
    [],
  )
})

t.test(
  'a refresh that waits for its turn does not wait for an origin without approval',
  async (t) => {
    await admin('PATCH', at, { settings: { url, catalogTimeoutSeconds: 10 } })
    const gate = Promise.withResolvers<undefined>()
    const gated = await scriptedUpstream(t, (request, response) => {
      void gate.promise.then(() => answer(404)(request, response))
    })
    let closed = 0
    const silent = await scriptedUpstream(t, (_request, response) => {
      response.on('close', () => closed++)
    })
    const moved = admin('PATCH', at, { settings: { url: gated.url }, credentials: none })
    const reading = async ({ requests }: { requests: unknown[] }) => requests.length > 0
    await until(() => reading(gated), Boolean)
    const { turns } = kontor.running.runtime.catalogReader
    const take = turns.take.bind(turns)
    const waiting = await new Promise<{ answer: ReturnType<typeof provider> }>((resolve) => {
      turns.take = (...asked) => {
        turns.take = take
        queueMicrotask(() => resolve({ answer }))
        return take(...asked)
      }
      const answer = provider('POST', `${at}/refresh`)
    })
    const change = { settings: { url: silent.url }, credentials: none }
    t.match((await provider('PATCH', at, change)).body, { unapprovedOrigins: [silent.url] })
    gate.resolve(undefined)
    await moved
    t.equal((await waiting.answer).status, 200)
    await until(() => reading(silent), Boolean)
    const back = provider('PATCH', at, { settings: { url: gated.url }, credentials: none })
    t.match((await back).body, { unapprovedOrigins: { length: 0 } }, 'nor back at the approved one')
    t.equal((await provider('POST', `${at}/refresh`)).status, 200)
    t.equal(closed, 0, 'the silent server has still not answered')
  },
)

t.test('a stored dashboard that people must not follow is shown no more', async (t) => {
  const ids = await kontor.find('nord', 'db', 'small')
  const store = (stored: string) =>
    kontor.running.runtime.db
      .updateTable('instances')
      .set({ dashboard_url: stored })
      .where('instance_id', '=', 'later')
      .execute()
  const answers = () =>
    Promise.all([
      call('GET', '/v2/service_instances/later'),
      call('PUT', '/v2/service_instances/later', { ...ids, ...here }),
    ])
  for (const [stored, shown] of [
    ['https://good.example/', 'https://good.example/'],
    ['javascript:alert(1)', undefined],
    ['https://user:secret@good.example/', undefined],
    ['http://good.example/', undefined],
  ] as const) {
    await store(stored)
    for (const { status, body } of await answers())
      t.strictSame([status, body.dashboard_url], [200, shown], stored)
  }
})

/** The letters of a script that have two cases: words of them, each in lower and in upper case. */
function casesOf(script: string): ReadonlyArray<readonly [string, string]> {
  const ofScript = new RegExp(`\\p{Script=${script}}`, 'u')
  const lower = Array.from({ length: 0x600 }, (_, code) => String.fromCodePoint(code)).filter(
    (each) => ofScript.test(each) && each.toUpperCase() !== each && each.toUpperCase().length === 1,
  )
  const words = lower.join('').match(/.{1,60}/gu) ?? []
  return words.map((word) => [word, word.toUpperCase()])
}

t.test('neither case nor dashes nor small capitals make another display name', async (t) => {
  const { view: other } = await kontor.addProvider('fern')
  const statusOf = async (id: string, displayName: string) =>
    (await admin('PATCH', `/api/providers/${id}`, { displayName })).status
  for (const [name, ...same] of [
    ...['Latin', 'Greek', 'Cyrillic', 'Armenian'].flatMap(casesOf),
    ['Берлин', 'берлин'],
    ['Газ 0', 'газ 0', 'газ o'],
    ['ΝΗΣΟΣ', 'νησος'],
    ['Rhein-Main', ...Array.from('\u2010\u2011\u2013\u2212', (dash) => `Rhein${dash}Main`)],
    ["L'Or", 'L\u2019Or', 'L\u00b4Or', 'L`Or'],
    ['Wolke Ost', '\u1d21\u1d0flke \u1d0fst'],
    ['Cloud zu IV', '\u1d04l\u1d0f\u1d1cd \u1d22\u1d1c \u026a\u1d20', 'Cloud zu lV'],
    ['WEST', 'VVEST', 'vvest'],
    ['Mars', 'Rnars', 'MARS'],
  ] as const) {
    t.equal(await statusOf(other.id, name), 200, name)
    for (const taken of same) t.equal(await statusOf(view.id, taken), 409, `${name}, ${taken}`)
  }
  t.equal(await statusOf(other.id, 'Münster'), 200)
  for (const distinct of ['Munster', 'Muenster', 'Nordstraße'])
    t.equal(await statusOf(view.id, distinct), 200, distinct)
})

t.test('no display name reads like that of another provider', async (t) => {
  await kontor.addProvider('ost')
  const rename = (displayName: string) => provider('PATCH', at, { displayName })
  const cyrillic = ['\u043e\u0455\u0442', '\u041e\u0405\u0422']
  for (const name of ['ost', 'Ost', '  OST ', 'ｏｓｔ', '0st', '𝐎st', ...cyrillic])
    t.match(await rename(name), {
      status: 409,
      body: { detail: /^displayName is that of another/ },
    })
  for (const [name, detail] of [
    ['No\u200brd', /^displayName must not hold the invisible character U\+200B/],
    ['\u202edroN', /^displayName must not hold the invisible character U\+202E/],
    ['   ', /^displayName must hold a character/],
    [
      'Nord \u041est',
      /^displayName misleads: the word "\u041est" mixes Latin and Cyrillic letters\.$/,
    ],
    ['\u039fst', /mixes Latin and Greek letters/],
    ['\u13aa', /^displayName misleads: "\u13aa" belongs to a script that is not in common use\.$/],
  ] as const)
    t.match(await rename(name), { status: 400, body: { detail } })
  for (const name of ['Straßen- und Wärmenetz Süd (ÖPNV)', 'Центр Ost', 'NTTドコモ', 'Ost AöR'])
    t.equal((await rename(name)).status, 200, name)
  t.equal((await rename('Ost AöR')).status, 200, 'its own name is no conflict')
  const again = { name: 'west', backend: 'osb', settings: { url }, credentials: none }
  const taken = await admin('POST', '/api/providers', { ...again, displayName: 'OST aör' })
  t.match(taken, { status: 409, body: { detail: /^displayName/ } })
  const both = await Promise.all(
    ['west', 'sued'].map((name) =>
      admin('POST', '/api/providers', { ...again, name, displayName: 'Gleich' }),
    ),
  )
  t.strictSame(
    both.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, 409],
    'also at the same time',
  )
})
