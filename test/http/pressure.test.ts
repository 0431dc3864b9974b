// Real pressure: a pool without a free database connection, and a blocked event loop.
import { sql } from 'kysely'
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { createLevel } from '../../src/http/limits/level.ts'
import { serveKontor } from '../support/kontor-process.ts'
import { caller, finished, here, startKontor, until } from '../support/kontor.ts'
import { createDatabase } from '../support/postgres.ts'

t.setTimeout(90_000)

t.test(
  'while queries wait for connections Kontor takes no new orders; other requests go on',
  async (t) => {
    const kontor = await startKontor(t, {
      worker: false,
      environment: { KONTOR_DATABASE_CONNECTIONS: '2', KONTOR_MAX_DATABASE_WAIT_SECONDS: '0.25' },
    })
    const {
      call,
      admin,
      url,
      running: { runtime },
    } = kontor
    await kontor.addProvider('nord')
    const small = await kontor.find('nord', 'db', 'small')
    const light = await kontor.newPlatform('light')
    const ids = `service_id=${small.service_id}&plan_id=${small.plan_id}`
    t.equal((await call('PUT', '/v2/service_instances/kept', { ...small, ...here })).status, 201)
    // Three queries at a time on two connections: one always waits, for a third of a second.
    let isHeld = true
    const holders = [0, 1, 2].map(async () => {
      while (isHeld) await sql`select pg_sleep(0.4)`.execute(runtime.db)
    })
    const release = async () => {
      isHeld = false
      await Promise.all(holders)
    }
    t.teardown(release)
    const order = (id: string) => call('PUT', `/v2/service_instances/${id}`, { ...small, ...here })
    await until(
      () => order('early'),
      ({ status }) => status === 429,
    )
    const refused = await order('refused')
    t.equal(refused.status, 429)
    t.match(refused, {
      headers: { 'retry-after': /^\d+$/ },
      body: {
        description:
          /^Kontor has too much to do and takes no new orders at present\. Nothing was done; try again in \d+ seconds\.$/,
      },
    })
    for (let n = 0; n < 10; n++) await order(`flood-${n}`)
    await until(
      async () => (await caller(url, {})('GET', '/metrics')).text,
      (text) => /^kontor_pressure\{reason="database"\} 1$/m.test(text),
    )
    t.equal(
      (await light('PUT', '/v2/service_instances/light', { ...small, ...here })).status,
      201,
      'a platform that sends little does not pay for the one that sends much',
    )
    t.equal((await order('still')).status, 429)
    t.equal(
      (await call('GET', '/v2/service_instances/kept/last_operation')).body.state,
      'succeeded',
    )
    t.equal(
      (await call('DELETE', `/v2/service_instances/refused?${ids}`)).status,
      410,
      'the refused order has created nothing',
    )
    t.equal((await caller(url, {})('GET', '/healthz')).status, 200)
    let served = 0
    const line = Array.from({ length: 8 }, async () => {
      await sql`select pg_sleep(0.2)`.execute(runtime.db)
      served++
    })
    t.equal(
      (await caller(url, {})('GET', '/readyz')).status,
      200,
      'a busy database is not an unreachable one',
    )
    t.ok(served < 5, `and /readyz does not wait for a connection: ${served} queries before it`)
    await Promise.all(line)
    t.equal((await admin('GET', '/api/providers')).status, 200)
    t.match(
      (await caller(url, {})('GET', '/metrics')).text,
      /^kontor_pressure\{reason="database"\} [12]$/m,
    )
    await release()
    const after = await until(
      () => order('after'),
      ({ status }) => status !== 429,
    )
    t.equal(after.status, 201, 'then it takes orders again')
    t.equal((await finished(call, '/v2/service_instances/after')).body.state, 'succeeded')
  },
)

t.test('with a blocked event loop reads are refused too', async (t) => {
  const kontor = await startKontor(t, {
    worker: false,
    environment: { KONTOR_MAX_LOOP_DELAY_SECONDS: '0.2' },
  })
  const { call, url } = kontor
  await kontor.addProvider('nord')
  const small = await kontor.find('nord', 'db', 'small')
  // As a request does that takes far too long.
  const end = performance.now() + 1_500
  while (performance.now() < end);
  const refused = await until(
    () => call('GET', '/v2/catalog'),
    ({ status }) => status === 503,
    2_000,
  )
  t.match(refused, {
    headers: { 'retry-after': /^\d+$/ },
    body: { description: /^Kontor has too much to do at present\. Try again in \d+ seconds\.$/ },
  })
  t.equal(
    (await call('PUT', '/v2/service_instances/new', { ...small, ...here })).status,
    429,
    'an order never gets 503: a platform would send a delete after it',
  )
  t.equal((await call('GET', '/v2/service_instances/none/last_operation')).status, 404)
  t.equal((await caller(url, {})('GET', '/healthz')).status, 200)
  t.match(
    await caller(url, {})('GET', '/openapi.json'),
    { status: 503, headers: { 'retry-after': /^\d+$/ } },
    'documentation is refused too',
  )
  const { text } = await caller(url, {})('GET', '/metrics')
  t.match(text, /^kontor_pressure\{reason="event_loop"\} 2$/m)
  t.match(text, /^kontor_parameter_checks_refused_total 0$/m, 'a counter of no event yet')
  await until(
    () => call('GET', '/v2/catalog'),
    ({ status }) => status === 200,
  )
  const order = await until(
    () => call('PUT', '/v2/service_instances/new', { ...small, ...here }),
    ({ status }) => status !== 429,
  )
  t.equal(order.status, 201, 'the levels end one after the other')
})

t.test('the log line about pressure names each of its fields once', async (t) => {
  const kontor = await serveKontor(t, {
    DATABASE_URL: (await createDatabase(t)).url,
    KONTOR_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    KONTOR_ADMIN_TOKEN: randomBytes(32).toString('hex'),
    KONTOR_MAX_MEMORY_PERCENT: '1',
  })
  const line = await until(
    () =>
      kontor
        .output()
        .stderr.split('\n')
        .slice(0, -1)
        .find((each) => each.includes('under pressure')),
    (found) => found !== undefined,
  )
  t.match(JSON.parse(line ?? ''), {
    level: 40,
    reason: 'memory',
    pressure: 1,
    msg: 'kontor is under pressure',
  })
  // JSON.parse keeps the last of several equal keys; only the text shows them all.
  const keys = Array.from((line ?? '').matchAll(/[{,]"(\w+)":/g), ([, key]) => key)
  t.strictSame(keys, [...new Set(keys)])
})

t.test(
  'pressure begins at once, and ends one level at a time when it has been low for two seconds',
  async (t) => {
    const judge = createLevel({ strained: 100, overloaded: 300, release: 0.5 })
    const seen: ReadonlyArray<readonly [nowMs: number, value: number, level: number, why: string]> =
      [
        [0, 99, 0, 'below the limit'],
        [250, 100, 1, 'at the limit'],
        [500, 60, 1, 'between release and limit, for however long'],
        [9_000, 60, 1, ''],
        [9_250, 49, 1, 'low'],
        [11_000, 49, 1, 'not for long enough'],
        [11_100, 55, 1, 'up again: from the start'],
        [11_200, 0, 1, ''],
        [13_199, 0, 1, ''],
        [13_200, 0, 0, 'two seconds'],
        [13_300, 5_000, 2, 'straight to the top'],
        [13_400, 120, 2, ''],
        [15_400, 120, 1, 'low for the top'],
        [17_400, 0, 1, 'low from here on'],
        [19_399, 0, 1, ''],
        [19_400, 0, 0, 'over'],
      ]
    for (const [nowMs, value, level, why] of seen)
      t.equal(judge(value, nowMs), level, `${value} at ${nowMs}: ${why}`)
  },
)
