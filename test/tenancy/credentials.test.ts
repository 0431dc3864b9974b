// Credentials of platforms: two of a kind at a time, so that one can replace the other while the
// platform keeps calling.
import { sql } from 'kysely'
import t from 'tap'
import { Client } from 'undici'
import { asOwner } from '../support/as-owner.ts'
import { basicAuth } from '../support/basic-auth.ts'
import { caller, startKontor, until } from '../support/kontor.ts'
import { createPlatform } from './platforms.ts'

const kontor = await startKontor(t)
const other = await kontor.another()
const { admin } = kontor
const { db } = kontor.running.runtime
const issue = (name: string, body: Record<string, unknown> = { kind: 'basic' }, by = admin) =>
  by('POST', `/api/platforms/${name}/credentials`, body)
const listed = async (name: string) =>
  (await admin('GET', `/api/platforms/${name}/credentials`)).body.items
const catalogOf = (base: string, authorization: string) =>
  caller(base, { authorization, 'x-broker-api-version': '2.17' })('GET', '/v2/catalog')
const bases = [kontor.url, other.running.url ?? '']

t.test('a password is shown once and kept nowhere', async (t) => {
  await createPlatform(kontor, 'quiet')
  const {
    status,
    headers,
    body: { password, ...shown },
  } = await issue('quiet')
  t.match(
    { status, shown, headers },
    {
      status: 201,
      shown: { kind: 'basic', username: /^quiet-[0-9a-f]{8}$/, lastUsedAt: null },
      headers: { 'cache-control': 'no-store' },
    },
  )
  t.match(password, /^[A-Za-z0-9_-]{32}$/)
  t.strictSame((await listed('quiet')).at(-1), shown)
  for (const path of ['/api/platforms/quiet/credentials', '/api/platforms/quiet', '/api/platforms'])
    t.notOk((await admin('GET', path)).text.includes(password))
  const { rows } = await sql<{
    all: string
  }>`select (select json_agg(c)::text from platform_credentials c) || (select json_agg(a)::text from audit_events a) as all`.execute(
    db,
  )
  t.notOk(rows[0]?.all.includes(password))
  const events = await db
    .selectFrom('audit_events')
    .select(['actor', 'action', 'details'])
    .where('action', '=', 'credentials.issued')
    .orderBy('id', 'desc')
    .limit(1)
    .execute()
  t.strictSame(events, [
    {
      actor: 'admin',
      action: 'credentials.issued',
      details: { credentialId: shown.id, kind: 'basic' },
    },
  ])
})

t.test(
  'a platform that calls all the time changes its credentials without a refusal',
  async (t) => {
    const { authorization: old, credentialId } = await createPlatform(kontor, 'busy')
    await until(
      () => catalogOf(bases[1] ?? '', old),
      ({ status }) => status === 200,
    )
    let current = old
    let isOver = false
    const refused: number[] = []
    const lanes = Array.from({ length: 6 }, () => ({ calls: 0 }))
    const traffic = lanes.map(async (lane, at) => {
      while (!isOver) {
        const { status } = await catalogOf(bases[at % bases.length] ?? '', current)
        if (status !== 200) refused.push(status)
        lane.calls++
      }
    })
    const aRound = async () => {
      const before = lanes.map(({ calls }) => calls)
      await until(
        () => lanes.every(({ calls }, at) => calls > (before[at] ?? 0) + 1),
        (all) => all,
      )
    }
    await aRound()
    const { body } = await issue('busy')
    const fresh = basicAuth(body.username, body.password)
    t.equal(
      (await catalogOf(bases[0] ?? '', fresh)).status,
      200,
      'the process that issued it knows it',
    )
    await until(
      () => catalogOf(bases[1] ?? '', fresh),
      ({ status }) => status === 200,
    )
    t.equal((await catalogOf(bases[0] ?? '', old)).status, 200, 'both hold')
    current = fresh
    await aRound()
    t.equal((await admin('DELETE', `/api/platforms/busy/credentials/${credentialId}`)).status, 204)
    t.equal((await catalogOf(bases[0] ?? '', old)).status, 401, 'at once where it was revoked')
    await until(
      () => catalogOf(bases[1] ?? '', old),
      ({ status }) => status === 401,
      5_000,
    )
    await aRound()
    isOver = true
    await Promise.all(traffic)
    t.strictSame(refused, [])
    t.match(await admin('DELETE', `/api/platforms/busy/credentials/${credentialId}`), {
      status: 404,
      body: { detail: 'The platform has no such credential.' },
    })
    t.match(
      await db
        .selectFrom('audit_events')
        .select('details')
        .where('action', '=', 'credentials.revoked')
        .execute(),
      [{ details: { credentialId, kind: 'basic' } }],
    )
  },
)

t.test('there are two of a kind at most, also with concurrent requests', async (t) => {
  await createPlatform(kontor, 'full')
  const all = await Promise.all(
    Array.from({ length: 8 }, (_, at) =>
      issue('full', { kind: 'basic' }, at % 2 === 0 ? admin : other.admin),
    ),
  )
  t.strictSame(
    all.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, ...Array.from({ length: 7 }, () => 409)],
  )
  const [first, second] = await listed('full')
  t.match(await issue('full'), {
    status: 409,
    body: {
      detail:
        'The platform has 2 credentials of the kind basic. Revoke one first: ' +
        `${first.id} (${first.username}) or ${second.id} (${second.username}).`,
    },
  })
  const bearer = (subject: string) => ({ kind: 'bearer', issuer: 'https://login.example', subject })
  t.match(
    await issue('full', bearer('cf')),
    { status: 201, body: { kind: 'bearer', issuer: 'https://login.example', subject: 'cf' } },
    'another kind is counted on its own',
  )
  t.notOk('password' in (await issue('full', bearer('cf-2'))).body)
  t.match(await issue('full', bearer('cf-3')), {
    status: 409,
    body: { detail: /cf of https:\/\/login\.example\) or / },
  })
  t.match(await issue('full', { kind: 'mtls', certificateName: 'cf.example' }), {
    status: 201,
    body: { kind: 'mtls', certificateName: 'dns:cf.example' },
  })
})

t.test(
  'one credential cannot sign in as two platforms, and invalid ones are refused',
  async (t) => {
    await createPlatform(kontor, 'one')
    await createPlatform(kontor, 'two')
    const same = [
      { kind: 'bearer', issuer: 'https://a.example', subject: 's' },
      { kind: 'mtls', certificateName: 'both.example' },
    ]
    for (const body of same) {
      t.equal((await issue('one', body)).status, 201)
      for (const name of ['one', 'two'])
        t.match(await issue(name, body), { status: 409, body: { detail: /signs in already\.$/ } })
    }
    const fingerprint = Array.from({ length: 32 }, (_, at) => (at + 160).toString(16))
    for (const [first, ...more] of [
      ['same.example', 'dns:SAME.example', 'Same.Example', 'dns:same.example'],
      [`sha256:${fingerprint.join('')}`, `sha256:${fingerprint.join(':').toUpperCase()}`],
    ] as const) {
      const { id, certificateName } = (await issue('one', { kind: 'mtls', certificateName: first }))
        .body
      t.match(certificateName, /^(dns:same\.example|sha256:[0-9a-f]{64})$/)
      for (const same of more)
        t.match(
          await issue('two', { kind: 'mtls', certificateName: same }),
          { status: 409, body: { detail: `${certificateName} signs in already.` } },
          `${first} is ${same}`,
        )
      t.equal((await admin('DELETE', `/api/platforms/one/credentials/${id}`)).status, 204)
    }
    for (const certificateName of ['cn:Cf', 'cn:cf'])
      t.equal(
        (await issue('two', { kind: 'mtls', certificateName })).status,
        201,
        'other names are case-sensitive',
      )
    const wrong: ReadonlyArray<readonly [body: Record<string, unknown>, says: RegExp]> = [
      [{}, /^kind is missing/],
      [{ kind: 'saml' }, /^kind must be one of/],
      [{ kind: 'bearer', issuer: 'https://a.example' }, /^subject is missing/],
      [{ kind: 'mtls' }, /^certificateName is missing/],
      [{ kind: 'basic', password: 'mine' }, /^password is not a known field/],
      [{ kind: 'basic', subject: 's' }, /^subject is no field of the kind basic/],
      [{ kind: 'mtls', certificateName: 'a\nb' }, /^certificateName must match/],
      [
        { kind: 'bearer', issuer: 'x'.repeat(256), subject: 's' },
        /^issuer must NOT have more than 255/,
      ],
    ]
    for (const [body, says] of wrong)
      t.match(
        await issue('one', body),
        { status: 400, body: { detail: says } },
        JSON.stringify(body).slice(0, 60),
      )
    const [{ id }] = await listed('one')
    for (const [name, credential] of [
      ['two', id],
      ['one', 'x'],
      ['one', '01a2078b-fbbe-7b44-b497-56d4ba8d5a71'],
    ])
      t.equal(
        (await admin('DELETE', `/api/platforms/${name}/credentials/${credential}`)).status,
        404,
      )
    t.match(await issue('nobody'), { status: 404, body: { detail: 'There is no such platform.' } })
  },
)

t.test('on one connection, each request is judged by its own header and at once', async (t) => {
  const [one, two] = [await createPlatform(kontor, 'same1'), await createPlatform(kontor, 'same2')]
  const connection = new Client(kontor.url, { pipelining: 1 })
  let connections = 0
  connection.on('connect', () => connections++)
  t.teardown(() => connection.close())
  const statusOf = async (authorization: string) => {
    const headers = { authorization, 'x-broker-api-version': '2.17' }
    return (await caller(kontor.url, headers, connection)('GET', '/v2/catalog')).status
  }
  const wrong = `${one.authorization.slice(0, -3)}AA=`
  const headers = [one.authorization, wrong, two.authorization, wrong, one.authorization]
  const statuses: number[] = []
  for (const header of headers) statuses.push(await statusOf(header))
  t.strictSame(statuses, [200, 401, 200, 401, 200])
  await admin('DELETE', `/api/platforms/same1/credentials/${one.credentialId}`)
  t.equal(await statusOf(one.authorization), 401)
  t.equal(await statusOf(two.authorization), 200)
  const retired = await admin('POST', '/api/platforms/same2/retire', { reason: 'it is over' })
  t.equal(retired.status, 200)
  t.equal(await statusOf(two.authorization), 401)
  t.equal(connections, 1)
})

t.test('the last use of each is shown, and no request waits for writing it', async (t) => {
  const { authorization, credentialId, call } = await createPlatform(kontor, 'watched')
  await issue('watched')
  const version = async () =>
    (
      await sql<{
        xmin: string
      }>`select xmin::text from platform_credentials where id = ${credentialId}`.execute(db)
    ).rows[0]?.xmin
  const before = await version()
  const start = Date.now()
  for (let count = 0; count < 20; count++) await call('GET', '/v2/catalog')
  t.equal((await catalogOf(kontor.url, `${authorization}x`)).status, 401)
  t.equal(await version(), before)
  const [used, unused] = await listed('watched')
  t.ok(
    Date.parse(used.lastUsedAt) >= start - 1_000 &&
      Date.parse(used.lastUsedAt) <= Date.now() + 1_000,
    used.lastUsedAt,
  )
  t.equal(unused.lastUsedAt, null)

  const third = await kontor.another()
  t.equal((await catalogOf(third.running.url ?? '', authorization)).status, 200)
  await third.running.stop()
  t.ok(
    Date.parse((await listed('watched'))[0].lastUsedAt) > Date.parse(used.lastUsedAt),
    'a process that stops writes what it has seen',
  )
})

t.test('a use that cannot be written is written later', async (t) => {
  const { call } = await createPlatform(kontor, 'troubled')
  const owner = asOwner(t, kontor)
  await sql`alter table platform_credentials rename column last_used_at to elsewhere`.execute(owner)
  try {
    t.equal((await call('GET', '/v2/catalog')).status, 200, 'no request waits for it')
    t.equal((await admin('GET', '/api/platforms/troubled/credentials')).status, 500)
  } finally {
    await sql`alter table platform_credentials rename column elsewhere to last_used_at`.execute(
      owner,
    )
  }
  t.ok((await listed('troubled'))[0].lastUsedAt)
})
