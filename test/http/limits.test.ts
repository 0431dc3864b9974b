// Rate limits and failed sign-ins: what is refused because it is too much, and what is not.
import t, { type Test } from 'tap'
import { createLogThrottle } from '../../src/http/limits/log-throttle.ts'
import { createLog } from '../../src/log.ts'
import { commandLineCaller } from '../../src/tenancy/caller.ts'
import { createPlatform } from '../../src/tenancy/create-platform.ts'
import { basicAuth } from '../support/basic-auth.ts'
import { startIssuer } from '../support/issuer.ts'
import { writeOidcFile } from '../support/oidc-file.ts'
import {
  caller,
  finished,
  here,
  startKontor,
  until,
  type Call,
  type TestKontor,
} from '../support/kontor.ts'
import { traces } from '../support/witness.ts'

const osb = { 'x-broker-api-version': '2.17' }

/** A value of /metrics, by its name with labels. */
async function metric(kontor: TestKontor, name: string): Promise<number> {
  const { text } = await caller(kontor.url, {})('GET', '/metrics')
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')[1] ?? 0,
  )
}

async function statuses(
  count: number,
  call: () => Promise<{ readonly status: number }>,
): Promise<number[]> {
  const seen: number[] = []
  for (let each = 0; each < count; each++) seen.push((await call()).status)
  return seen
}

async function kontorWithRates(
  t: Test,
): Promise<TestKontor & { readonly small: Record<string, string> }> {
  // So slow that no limit recovers while a test runs: 5 orders, 10 requests, 40 polls, 40 deletes.
  const kontor = await startKontor(t, {
    environment: {
      KONTOR_ORDER_RATE: '0.005',
      KONTOR_REQUEST_RATE: '0.01',
      KONTOR_RATE_BURST_SECONDS: '1000',
    },
  })
  await kontor.addProvider('nord')
  return { ...kontor, small: await kontor.find('nord', 'db', 'small') }
}

t.test(
  'a platform that sends too many orders gets 429 with Retry-After, and nothing is written',
  async (t) => {
    const kontor = await kontorWithRates(t)
    const {
      call,
      small,
      running: { runtime },
    } = kontor
    const order = (id: string) => call('PUT', `/v2/service_instances/${id}`, { ...small, ...here })
    for (const id of ['a', 'b', 'c', 'd', 'e']) t.equal((await order(id)).status, 201, id)
    const before = await traces(runtime.db)
    const refused = await order('f')
    t.match(refused, {
      status: 429,
      headers: { 'retry-after': /^(1\d\d|200)$/, 'content-type': /^application\/json/ },
      body: {
        description:
          /^Too many orders in a short time\. Nothing was done; try again in \d+ seconds\.$/,
      },
    })
    t.notOk('error' in refused.body, 'OSB defines no error code for it')
    t.equal(
      (await call('PATCH', '/v2/service_instances/a', { service_id: small['service_id'] })).status,
      429,
      'an update is an order too',
    )
    t.equal(
      (await call('PUT', '/v2/service_instances/a/service_bindings/x', small)).status,
      429,
      'and so is a bind',
    )
    t.strictSame(await traces(runtime.db), before)
    t.equal(await metric(kontor, 'kontor_requests_refused_total{reason="order_rate"}'), 3)

    t.equal(
      (await call('GET', '/v2/service_instances/a')).status,
      200,
      'reads have a rate limit of their own',
    )
    t.equal((await finished(call, '/v2/service_instances/a')).body.state, 'succeeded', 'polls too')
    t.equal(
      (
        await call(
          'DELETE',
          `/v2/service_instances/a?service_id=${small['service_id']}&plan_id=${small['plan_id']}`,
        )
      ).status,
      200,
      'a delete is no order',
    )
    t.equal(
      (
        await call(
          'DELETE',
          `/v2/service_instances/f?service_id=${small['service_id']}&plan_id=${small['plan_id']}`,
        )
      ).status,
      410,
      'the refused order has created nothing',
    )

    const other = await kontor.newPlatform('other')
    t.equal(
      (await other('PUT', '/v2/service_instances/f', { ...small, ...here })).status,
      201,
      'another platform at the same address has a rate limit of its own',
    )
  },
)

t.test('all credentials and addresses of a platform share one rate limit', async (t) => {
  const kontor = await startKontor(t, {
    environment: {
      KONTOR_REQUEST_RATE: '0.01',
      KONTOR_RATE_BURST_SECONDS: '300',
      KONTOR_TRUSTED_PROXIES: 'loopback',
    },
  })
  const { username, password } = await createPlatform(
    kontor.running.runtime,
    commandLineCaller('test'),
    'roaming',
  )
  await kontor.running.runtime.refresh()
  const from = (address: string) =>
    caller(kontor.url, {
      ...osb,
      authorization: basicAuth(username, password),
      'x-forwarded-for': address,
    })
  t.strictSame(await statuses(3, () => from('192.0.2.1')('GET', '/v2/catalog')), [200, 200, 200])
  t.equal((await from('192.0.2.2')('GET', '/v2/catalog')).status, 429)
  t.equal((await kontor.call('GET', '/v2/catalog')).status, 200)
})

t.test('polls and deletes have four times the request rate each', async (t) => {
  const { call } = await startKontor(t, {
    environment: { KONTOR_REQUEST_RATE: '0.01', KONTOR_RATE_BURST_SECONDS: '100' },
  })
  t.strictSame(await statuses(2, () => call('GET', '/v2/catalog')), [200, 429])
  t.strictSame(
    await statuses(5, () => call('GET', '/v2/service_instances/none/last_operation')),
    [404, 404, 404, 404, 429],
  )
  const end = () => call('DELETE', '/v2/service_instances/none?service_id=x&plan_id=y')
  t.strictSame(await statuses(5, end), [410, 410, 410, 410, 429])
  t.match(await end(), {
    body: {
      description:
        /^Too many deletes in a short time\. Nothing was done; try again in \d+ seconds\.$/,
    },
  })
})

t.test(
  'the management API limits each person and answers with a problem; health has no limit',
  async (t) => {
    const kontor = await startKontor(t, {
      environment: {
        KONTOR_REQUEST_RATE: '0.01',
        KONTOR_ORDER_RATE: '0.01',
        KONTOR_RATE_BURST_SECONDS: '200',
      },
    })
    const { admin, url } = kontor
    t.strictSame(await statuses(2, () => admin('GET', '/api/providers')), [200, 200])
    t.match(await admin('GET', '/api/providers'), {
      status: 429,
      headers: { 'retry-after': /^\d+$/, 'content-type': /^application\/problem\+json/ },
      body: { type: '/problems/rate_limited', status: 429 },
    })
    t.strictSame(await statuses(3, () => admin('POST', '/api/providers', {})), [400, 400, 429])
    t.strictSame(await statuses(9, () => caller(url, {})('GET', '/healthz')), Array(9).fill(200))
    t.strictSame(await statuses(9, () => caller(url, {})('GET', '/readyz')), Array(9).fill(200))
  },
)

t.test(
  'documentation has a twentieth of the request rate per address, and metrics another',
  async (t) => {
    const { url, admin } = await startKontor(t, {
      worker: false,
      environment: { KONTOR_REQUEST_RATE: '0.02', KONTOR_RATE_BURST_SECONDS: '2000' },
    })
    const get = (path: string) => caller(url, {})('GET', path)
    t.strictSame(
      [await statuses(3, () => get('/openapi.json')), await statuses(1, () => get('/docs/json'))],
      [[200, 200, 429], [429]],
    )
    t.strictSame(await statuses(3, () => get('/metrics')), [200, 200, 429])
    t.equal((await admin('GET', '/api/providers')).status, 200)
  },
)

t.test('a rate limit recovers with time', async (t) => {
  const { call } = await startKontor(t, {
    environment: { KONTOR_REQUEST_RATE: '1', KONTOR_RATE_BURST_SECONDS: '1' },
  })
  const refused = await until(
    () => call('GET', '/v2/catalog'),
    ({ status }) => status === 429,
  )
  const wait = Number(refused.headers['retry-after'])
  t.equal(wait, 1)
  await new Promise((resolve) => setTimeout(resolve, wait * 1_000))
  t.equal(
    (await call('GET', '/v2/catalog')).status,
    200,
    'after Retry-After the request is accepted',
  )
})

t.test(
  'after too many failed sign-ins wrong credentials get 429, and right ones are accepted',
  async (t) => {
    const kontor = await startKontor(t, {
      environment: { KONTOR_FAILED_SIGN_INS_PER_MINUTE: '5', KONTOR_TRUSTED_PROXIES: '127.0.0.1' },
    })
    const {
      url,
      running: { runtime },
    } = kontor
    const { username, password } = await createPlatform(
      runtime,
      commandLineCaller('test'),
      'attacked',
    )
    await runtime.refresh()
    const as = (text: string, address: string): Call =>
      caller(url, { ...osb, authorization: basicAuth(text), 'x-forwarded-for': address })
    const asks = (text: string, address: string) => as(text, address)('GET', '/v2/catalog')
    t.strictSame(
      await statuses(6, () => asks('nobody:x', '192.0.2.1')),
      [401, 401, 401, 401, 401, 429],
    )
    const refused = await asks(`${username}:wrong`, '192.0.2.1')
    t.match(refused, {
      status: 429,
      headers: { 'retry-after': /^\d+$/ },
      body: { description: /^Too many sign-ins have failed\./ },
    })
    t.notOk('www-authenticate' in refused.headers)
    t.ok(
      Number((await asks('nobody:x', '192.0.2.1')).headers['retry-after']) >
        Number(refused.headers['retry-after']),
      'a client that continues has to wait longer',
    )
    t.equal(
      (await as('nobody:x', '192.0.2.1')('GET', '/v2/service_instances/%zz')).status,
      429,
      'on an invalid path too',
    )
    t.equal(
      (await asks(`${username}:${password}`, '192.0.2.1')).status,
      200,
      'right ones from the same address',
    )
    t.equal(
      (await caller(url, { ...osb, 'x-forwarded-for': '192.0.2.1' })('GET', '/v2/catalog')).status,
      401,
      'a client without credentials gets the challenge',
    )

    const guesses: number[] = []
    for (let last = 1; last <= 7; last++)
      guesses.push((await asks(`${username}:guess-${last}`, `198.51.100.${last}`)).status)
    t.strictSame(guesses, [401, 401, 401, 401, 429, 429, 429], 'one name from many addresses')
    t.equal(
      (await asks(`${username}:${password}`, '198.51.100.9')).status,
      200,
      'its platform can still sign in',
    )
    t.equal(
      (await asks('somebody:x', '198.51.100.1')).status,
      401,
      'another wrong name from that address is not limited yet',
    )

    t.strictSame(await statuses(5, () => asks('u:x', '2001:db8:1:2::1')), [401, 401, 401, 401, 401])
    t.equal(
      (await asks('v:x', '2001:db8:1:2:ffff::1')).status,
      429,
      'an IPv6 subscriber has 2^64 addresses, which share one limit',
    )
    t.equal((await asks('v:x', '2001:db8:1:3::1')).status, 401)
    for (const path of ['/api/providers', '/v2/catalog']) {
      const token = await caller(url, {
        authorization: 'Bearer wrong',
        'x-forwarded-for': '192.0.2.1',
      })('GET', path)
      t.match(
        token,
        {
          status: 401,
          headers: { 'www-authenticate': /^(Bearer|Basic) /, 'retry-after': /^\d+$/ },
        },
        'a client with a token gets the challenge, to fetch another token',
      )
    }
    t.equal(await metric(kontor, 'kontor_sign_ins_failed_total{kind="bearer"}'), 2)
    t.equal(await metric(kontor, 'kontor_sign_ins_failed_total{kind="missing"}'), 1)
    t.ok((await metric(kontor, 'kontor_requests_refused_total{reason="sign_ins"}')) >= 7)
  },
)

t.test('tokens that were once valid, or that Kontor cannot check, are not limited', async (t) => {
  const [issuer, away] = [await startIssuer(t, {}), await startIssuer(t, {})]
  away.setAway(true)
  const trusted = [issuer, away].map(({ url }, nth) => ({
    issuer: url,
    alias: `i${nth}`,
    audience: 'kontor',
  }))
  const kontor = await startKontor(t, {
    worker: false,
    environment: {
      KONTOR_OIDC_FILE: await writeOidcFile(t, ...trusted),
      KONTOR_FAILED_SIGN_INS_PER_MINUTE: '2',
    },
  })
  const signed = (authorization: string, path = '/v2/catalog') =>
    caller(kontor.url, { ...osb, authorization })('GET', path)
  const past = Math.floor(Date.now() / 1_000) - 600
  const expired = await issuer.sign({ exp: past, iat: past - 60 })
  for (const [name, token] of Object.entries({
    expired,
    foreign: await issuer.sign({ aud: 'portal' }),
    unknown: await issuer.sign(),
    unchecked: await away.sign(),
  })) {
    for (const path of name === 'unknown' ? ['/v2/catalog'] : ['/v2/catalog', '/api/providers']) {
      for (let times = 0; times < 3; times++) {
        const refused = await signed(`Bearer ${token}`, path)
        t.equal(refused.status, 401, `${name} ${path}`)
        t.match(
          String(refused.headers['www-authenticate']),
          /Bearer realm="kontor", error="invalid_token"/,
        )
        t.notOk('retry-after' in refused.headers, name)
      }
    }
  }
  t.equal(
    (await signed('Basic eDp5')).status,
    401,
    'they have not used up the limit of the address',
  )
  t.equal((await signed(`Bearer ${expired.slice(0, -4)}AAAA`)).status, 401)
  const guessed = await signed(`Bearer ${expired.slice(0, -4)}AAAA`)
  t.match(
    guessed,
    { status: 401, headers: { 'retry-after': /^\d+$/ } },
    'a token with a wrong signature counts',
  )
  t.equal((await signed('Basic eDp5')).status, 429)
})

t.test('X-Forwarded-For counts only from a trusted proxy', async (t) => {
  const { url } = await startKontor(t, {
    environment: { KONTOR_FAILED_SIGN_INS_PER_MINUTE: '2', KONTOR_TRUSTED_PROXIES: '10.0.0.0/8' },
  })
  const asks = (address: string) =>
    caller(url, { ...osb, authorization: basicAuth(address, 'x'), 'x-forwarded-for': address })(
      'GET',
      '/v2/catalog',
    )
  t.strictSame(
    [
      (await asks('192.0.2.1')).status,
      (await asks('192.0.2.2')).status,
      (await asks('192.0.2.3')).status,
    ],
    [401, 401, 429],
  )
})

t.test('a flood from one address or from many is a few log lines', async (t) => {
  const lines: unknown[] = []
  const logThrottle = createLogThrottle({
    ...createLog('silent'),
    warn: (fields: unknown) => {
      lines.push(fields)
    },
  })
  for (let each = 0; each < 1_000; each++)
    logThrottle.warn('sign-in 192.0.2.1', 'a sign-in failed', { address: '192.0.2.1' })
  t.strictSame(lines, [{ address: '192.0.2.1' }], 'the first event at once')
  for (let each = 0; each < 1_000; each++)
    logThrottle.warn(`sign-in ${each}`, 'a sign-in failed', { address: String(each) })
  t.equal(lines.length, 100, 'and at most a hundred lines per minute in all')
})
