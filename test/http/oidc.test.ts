// Sign-in by tokens of a real issuer, which changes its keys and stops answering.
import t, { type Test } from 'tap'
import { newId } from '../../src/ids.ts'
import { acceptRows } from '../support/accept-rows.ts'
import { basicAuth } from '../support/basic-auth.ts'
import { caller, here, startKontor, until, type Call, type Reply } from '../support/kontor.ts'
import { startIssuer, type TestIssuer } from '../support/issuer.ts'
import { writeOidcFile } from '../support/oidc-file.ts'

const issuer = await startIssuer(t, {
  operator: { roles: ['k-operator'] },
  auditor: { roles: 'k-auditor other' },
  nord: { roles: ['k-provider'], providers: ['nord'] },
  agency: { roles: ['k-agency'], organisations: ['musterland'] },
  both: { roles: ['k-agency', 'k-provider'], organisations: ['neustadt'], providers: 'nord' },
  reads: { roles: ['k-auditor', 'k-provider'], providers: ['nord'] },
  nothing: { roles: ['k-other', 'constructor', '__proto__'] },
  cloudfoundry: {},
})
const trust = {
  issuer: issuer.url,
  alias: 'test',
  audience: 'kontor',
  rolesClaim: 'roles',
  roles: {
    'k-operator': 'operator',
    'k-auditor': 'auditor',
    'k-provider': 'provider',
    'k-agency': 'agency',
    'k-strong': 'operator',
  },
  organisationsClaim: 'organisations',
  providersClaim: 'providers',
}
const kontor = await startKontor(t, {
  environment: { KONTOR_OIDC_FILE: await writeOidcFile(t, trust) },
})
const { db, refresh } = kontor.running.runtime
await kontor.addProvider('nord')
await kontor.addProvider('sued')

const bearer = (token: string): Call =>
  caller(kontor.url, { authorization: `Bearer ${token}`, 'x-broker-api-version': '2.17' })
const as = async (machine: string): Promise<Call> => bearer(await issuer.tokenOf(machine))
const names = (reply: Reply): string[] => reply.body.items.map(({ name }: { name: string }) => name)

async function addPlatformToken(platform: string, from: string, subject: string): Promise<string> {
  const { id } = await db
    .selectFrom('platforms')
    .select('id')
    .where('name', '=', platform)
    .executeTakeFirstOrThrow()
  const credential = newId(new Date())
  await db
    .insertInto('platform_credentials')
    .values({
      id: credential,
      platform_id: id,
      kind: 'bearer',
      issuer: from,
      subject,
      created_at: new Date(),
    })
    .execute()
  await acceptRows(db, 'platform_credentials')
  await refresh()
  return credential
}

t.test('machines have the roles to which their claims are mapped, and no others', async (t) => {
  const operator = await as('operator')
  t.strictSame(names(await operator('GET', '/api/providers')), ['nord', 'sued'])
  t.strictSame(
    names(await (await as('auditor'))('GET', '/api/providers')),
    ['nord', 'sued'],
    'words with spaces between',
  )
  t.match(await (await as('auditor'))('POST', '/api/providers', {}), {
    status: 403,
    headers: { 'content-type': /^application\/problem\+json/ },
    body: { type: /forbidden/, detail: 'Your roles do not allow this.' },
  })
  t.match(await (await as('nothing'))('GET', '/api/providers'), { status: 403 })
  t.match(await (await as('nothing'))('GET', '/api/nowhere'), { status: 403 }, 'nor an unknown one')
  t.equal((await kontor.admin('GET', '/api/providers')).status, 200, 'the admin token stays')

  const [nord, sued] = (await kontor.admin('GET', '/api/providers')).body.items as [
    { id: string },
    { id: string },
  ]
  t.equal(
    (await operator('PATCH', `/api/providers/${sued.id}`, { displayName: 'Süd' })).status,
    200,
  )
  t.strictSame(
    await db
      .selectFrom('audit_events')
      .select('actor')
      .where('object_id', '=', sued.id)
      .where('action', '=', 'provider.changed')
      .execute(),
    [{ actor: 'oidc:test:operator' }],
  )

  const provider = await as('nord')
  t.strictSame(names(await provider('GET', '/api/providers')), ['nord'])
  t.equal(
    (await provider('PATCH', `/api/providers/${nord.id}`, { displayName: 'Nord' })).status,
    200,
  )
  for (const [method, path, body] of [
    ['GET', ''],
    ['PATCH', '', { displayName: 'Mine' }],
    ['POST', '/refresh'],
    ['POST', '/reconcile'],
    ['GET', '/findings'],
    ['GET', '/reconciliation'],
  ] as const) {
    const [foreign, unknown] = [
      await provider(method, `/api/providers/${sued.id}${path}`, body),
      await provider(method, `/api/providers/01a2078b-fbbe-7b44-b497-56d4ba8d5a71${path}`, body),
    ]
    t.match(foreign, { status: 404, body: { detail: unknown.body.detail } }, `${method} ${path}`)
  }
  t.equal((await provider('POST', '/api/providers', {})).status, 403, 'it may not register one')

  const reads = await as('reads')
  t.strictSame(names(await reads('GET', '/api/providers')), ['nord', 'sued'], 'as an auditor all')
  t.equal(
    (await reads('PATCH', `/api/providers/${sued.id}`, { displayName: 'Mine' })).status,
    404,
    'the role auditor does not widen what the role provider may change',
  )
  t.equal((await reads('PATCH', `/api/providers/${nord.id}`, { displayName: 'Nord' })).status, 200)
})

t.test('a provider changes its own fields, and no policy of the operators', async (t) => {
  const nord = (await kontor.admin('GET', '/api/providers')).body.items[0]
  const at = `/api/providers/${String(nord.id)}`
  const provider = await as('nord')
  const policies = {
    concurrency: 1_000,
    storeBindingCredentials: true,
    mitigation: 'automatic',
    mitigationRetainHours: 1,
  }
  for (const [field, value] of Object.entries(policies)) {
    t.match(await provider('PATCH', at, { displayName: 'Mine', [field]: value }), {
      status: 403,
      body: { detail: new RegExp(`^${field} is changed by an operator only`) },
    })
  }
  t.match(
    await (
      await as('reads')
    )('PATCH', at, { concurrency: 1 }),
    { status: 403 },
    'the role auditor does not widen this either',
  )
  t.match((await kontor.admin('GET', at)).body, {
    displayName: nord.displayName,
    concurrency: nord.concurrency,
  })
  const own = {
    displayName: 'Nord',
    settings: { ...nord.settings, apiVersion: '2.16' },
    refreshSeconds: 99,
    reconcileSeconds: 0,
  }
  t.match(await provider('PATCH', at, own), { status: 200, body: own })
  t.match(await provider('PATCH', at, { settings: { url: 'http://127.0.0.1:9' } }), {
    status: 400,
    body: { detail: /^credentials is missing/ },
  })
  t.equal(
    (await (await as('operator'))('PATCH', at, { ...policies, mitigation: 'retain' })).status,
    200,
  )
})

t.test('a refused call of a person is in the audit log, once per actor and route', async (t) => {
  const noted = () =>
    db
      .selectFrom('audit_events')
      .select(['actor', 'action', 'object_id', 'outcome'])
      .where('outcome', '=', 'refused')
      .where('actor', '=', 'oidc:test:agency')
      .execute()
  const agency = await as('agency')
  for (let times = 0; times < 20; times++)
    t.equal((await agency('GET', '/api/providers')).status, 403)
  t.equal((await agency('DELETE', '/api/providers/x')).status, 403)
  const rows = await until(noted, (seen) => seen.length >= 2)
  t.strictSame(rows.map(({ object_id: route }) => route).toSorted(), [
    'DELETE /api/providers/:id',
    'GET /api/providers',
  ])
  t.match(rows, [{ action: 'request.refused' }, { action: 'request.refused' }])
})

t.test(
  'an agency sees the orders of its organisations, a provider those at its providers, and ' +
    'both roles together see both',
  async (t) => {
    const [land, city, other] = [newId(new Date()), newId(new Date()), newId(new Date())]
    const at = { created_at: new Date(), updated_at: new Date() }
    await db
      .insertInto('organisations')
      .values([
        { id: land, name: 'musterland', display_name: 'Musterland', level: 'land', ...at },
        {
          id: city,
          name: 'musterstadt',
          display_name: 'Musterstadt',
          level: 'kommune',
          parent_id: land,
          ...at,
        },
        { id: other, name: 'neustadt', display_name: 'Neustadt', level: 'kommune', ...at },
      ])
      .execute()
    await acceptRows(db, 'organisations')
    const orders: Record<string, string | null> = {
      'of-land': land,
      'of-city': city,
      'of-other': other,
      'of-nobody': null,
    }
    for (const [platform, organisation] of Object.entries(orders)) {
      const call = await kontor.newPlatform(platform)
      await db
        .updateTable('platforms')
        .set({ organisation_id: organisation })
        .where('name', '=', platform)
        .execute()
      await acceptRows(db, 'platforms')
      const ids = await kontor.find(platform === 'of-city' ? 'nord' : 'sued', 'db', 'small')
      t.equal((await call('PUT', '/v2/service_instances/i', { ...ids, ...here })).status, 201)
    }
    // Of a shared platform that ordered for the city.
    const shared = await kontor.newPlatform('shared')
    t.equal(
      (
        await shared('PUT', '/v2/service_instances/i', {
          ...(await kontor.find('sued', 'db', 'small')),
          ...here,
        })
      ).status,
      201,
    )
    await db
      .updateTable('platforms')
      .set({ organisation_id: other })
      .where('name', '=', 'shared')
      .execute()
    await db
      .updateTable('instances')
      .set({ organisation_id: city })
      .where('platform_id', '=', (query) =>
        query.selectFrom('platforms').select('id').where('name', '=', 'shared'),
      )
      .execute()
    await refresh()

    const seenBy = async (call: Call) =>
      (await call('GET', '/api/operations')).body.items
        .map(({ platform }: { platform: { name: string } }) => platform.name)
        .toSorted() as string[]
    const all = await seenBy(kontor.admin)
    t.strictSame(all, ['of-city', 'of-land', 'of-nobody', 'of-other', 'shared'])
    t.strictSame(await seenBy(await as('auditor')), all)
    t.strictSame(
      await seenBy(await as('agency')),
      ['of-city', 'of-land', 'shared'],
      'its subtree, and orders for it',
    )
    t.strictSame(await seenBy(await as('nord')), ['of-city'])
    t.strictSame(await seenBy(await as('both')), ['of-city', 'of-other'])

    const items = (await kontor.admin('GET', '/api/operations')).body.items as Array<{
      id: string
      platform: { name: string }
    }>
    const agency = await as('agency')
    const unknown = await agency('GET', '/api/operations/01a2078b-fbbe-7b44-b497-56d4ba8d5a71')
    for (const { id, platform } of items) {
      const reply = await agency('GET', `/api/operations/${id}`)
      const isTheirs = ['of-city', 'of-land', 'shared'].includes(platform.name)
      t.equal(reply.status, isTheirs ? 200 : 404, platform.name)
      if (!isTheirs)
        t.strictSame({ ...reply.body, instance: '' }, { ...unknown.body, instance: '' })
    }
    t.strictSame(
      (await agency('GET', '/api/operations?platform=of-other')).body.items,
      [],
      'a filter does not widen the access scope',
    )
    t.equal(
      (await agency('POST', `/api/operations/${items[0]?.id}/retry`, { reason: 'Mine.' })).status,
      403,
    )
  },
)

t.test(
  'an access scope follows the tree of organisations at once, is computed quickly in a large ' +
    'one, and comes from a claim of limited length',
  async (t) => {
    const own = await startKontor(t, {
      worker: false,
      environment: { KONTOR_OIDC_FILE: await writeOidcFile(t, trust) },
    })
    const call = async (claims: Record<string, unknown>): Promise<Call> =>
      caller(own.url, { authorization: `Bearer ${await issuer.sign(claims)}` })
    const create = (name: string, parent: string | null) =>
      own.admin('POST', '/api/organisations', { name, displayName: name, level: 'land', parent })
    for (const [name, parent] of [
      ['land', null],
      ['amt', 'land'],
      ['foreign', null],
    ] as const)
      await create(name, parent)
    const agency = await call({ roles: ['k-agency'], organisations: ['land', 'amt', 'nobody'] })
    const organisations = async () => names(await agency('GET', '/api/organisations')).toSorted()
    t.strictSame(await organisations(), ['amt', 'land'])
    await create('new', 'amt')
    t.strictSame(await organisations(), ['amt', 'land', 'new'])
    t.equal((await own.admin('PATCH', '/api/organisations/amt', { parent: 'foreign' })).status, 200)
    t.strictSame(await organisations(), ['amt', 'land', 'new'], 'it is named itself')
    const foreign = await call({ roles: ['k-agency'], organisations: ['foreign'] })
    t.strictSame(names(await foreign('GET', '/api/organisations')).toSorted(), [
      'amt',
      'foreign',
      'new',
    ])

    const { db: ownDb, refresh: ownRefresh } = own.running.runtime
    const { id } = await ownDb
      .selectFrom('organisations')
      .select('id')
      .where('name', '=', 'land')
      .executeTakeFirstOrThrow()
    const at = new Date()
    for (let part = 0; part < 11; part++) {
      await ownDb
        .insertInto('organisations')
        .values(
          Array.from({ length: 1_000 }, (_, n) => ({
            id: newId(at),
            name: `k-${part * 1_000 + n}`,
            display_name: 'k',
            level: 'kommune' as const,
            parent_id: id,
            created_at: at,
            updated_at: at,
          })),
        )
        .execute()
    }
    await acceptRows(ownDb, 'organisations')
    await ownRefresh()
    const many = await call({
      roles: ['k-agency'],
      organisations: Array.from({ length: 500 }, (_, n) => `k-${n}`),
    })
    const begun = performance.now()
    for (let times = 0; times < 10; times++)
      t.equal((await many('GET', '/api/organisations?limit=1')).status, 200)
    const ms = performance.now() - begun
    t.ok(ms < 1_500, `${ms} ms for ten calls`)
    for (const [role, claim] of [
      ['k-agency', 'organisations'],
      ['k-provider', 'providers'],
    ] as const) {
      const path = role === 'k-agency' ? '/api/organisations' : '/api/providers'
      t.equal(
        (await (await call({ roles: [role], [claim]: 'a '.repeat(1_000) }))('GET', path)).status,
        200,
      )
      t.match(await (await call({ roles: [role], [claim]: 'a '.repeat(1_001) }))('GET', path), {
        status: 403,
        body: {
          detail: `Your token names 1001 ${claim}; at most 1000 are allowed.`,
        },
      })
    }
  },
)

t.test('a platform signs in by tokens until its credential is revoked', async (t) => {
  const platform = await as('cloudfoundry')
  t.equal(
    (await platform('GET', '/v2/catalog')).status,
    401,
    'a token of a trusted issuer is not enough',
  )
  const credential = await addPlatformToken('first', issuer.url, 'cloudfoundry')
  t.equal((await platform('GET', '/v2/catalog')).status, 200)
  t.equal(
    (
      await platform('PUT', '/v2/service_instances/by-token', {
        ...(await kontor.find('nord', 'db', 'small')),
        ...here,
      })
    ).status,
    201,
  )
  t.equal(
    (await kontor.call('GET', '/v2/service_instances/by-token')).status,
    200,
    'the same platform also has a password',
  )
  t.equal((await platform('GET', '/api/providers')).status, 403, 'it has no role')
  t.equal(
    (await (await as('operator'))('GET', '/v2/catalog')).status,
    401,
    'an operator is no platform',
  )
  await db.deleteFrom('platform_credentials').where('id', '=', credential).execute()
  await acceptRows(db, 'platform_credentials')
  await refresh()
  t.equal((await platform('GET', '/v2/catalog')).status, 401, 'at once')
})

t.test(
  "an agency's credential ends when others order through its platform, and an operator's stays",
  async (t) => {
    const { admin } = kontor
    const { running } = await kontor.another()
    const agency = bearer(await issuer.sign({ roles: ['k-agency'], organisations: ['amt'] }))
    for (const [name, parent] of [
      ['top', null],
      ['amt', 'top'],
      ['below', 'amt'],
      ['elsewhere', 'top'],
    ] as const) {
      const organisation = { name, displayName: name, level: 'land', parent }
      t.equal((await admin('POST', '/api/organisations', organisation)).status, 201)
    }
    const statusAt = async (base: string, authorization: string) =>
      (await caller(base, { authorization, 'x-broker-api-version': '2.17' })('GET', '/v2/catalog'))
        .status
    const scopeOf = (platform: string) => `/api/platforms/${platform}/mappings/k8s_namespace/it`
    const set = (organisation: string) => async (platform: string) =>
      admin('PUT', scopeOf(platform), { organisation })
    const changes: Record<string, readonly [(platform: string) => Promise<Reply>, boolean]> = {
      'mapped below': [set('below'), false],
      'moved below': [
        (name) => admin('PATCH', `/api/platforms/${name}`, { organisation: 'below' }),
        false,
      ],
      unmapped: [(name) => admin('DELETE', scopeOf(name)), false],
      'mapped elsewhere': [set('elsewhere'), true],
      'owned elsewhere': [
        (name) => admin('PATCH', `/api/platforms/${name}`, { organisation: 'elsewhere' }),
        true,
      ],
      'owned by none': [
        (name) => admin('PATCH', `/api/platforms/${name}`, { organisation: null }),
        true,
      ],
      'moved in the tree': [
        () => admin('PATCH', '/api/organisations/below', { parent: 'elsewhere' }),
        true,
      ],
    }
    for (const [at, [name, [change, ends]]] of Object.entries(changes).entries()) {
      const platform = `p-${at}`
      const organisation = name === 'moved in the tree' ? 'below' : 'amt'
      await admin('POST', '/api/platforms', { name: platform, organisation })
      if (name === 'unmapped') await set('below')(platform)
      const path = `/api/platforms/${platform}/credentials`
      const [theirs, ours] = [
        (await agency('POST', path, { kind: 'basic' })).body,
        (await admin('POST', path, { kind: 'basic' })).body,
      ]
      const [given, kept] = [theirs, ours].map(({ username, password }) =>
        basicAuth(username, password),
      )
      const bases = [kontor.url, running.url ?? '']
      for (const base of bases)
        await until(
          async () => [await statusAt(base, given ?? ''), await statusAt(base, kept ?? '')],
          (statuses) => statuses.every((status) => status === 200),
        )
      const { status } = await change(platform)
      t.ok(status >= 200 && status < 300, `${name}: ${status}`)
      t.equal(await statusAt(kontor.url, given ?? ''), ends ? 401 : 200, `${name}, at once`)
      t.equal(await statusAt(kontor.url, kept ?? ''), 200, name)
      if (!ends) continue
      await until(
        () => statusAt(running.url ?? '', given ?? ''),
        (seen) => seen === 401,
        5_000,
      )
      t.equal(await statusAt(running.url ?? '', kept ?? ''), 200, `${name}, the other process`)
      t.match(
        await db
          .selectFrom('audit_events')
          .select(['actor', 'details'])
          .where('action', '=', 'credentials.revoked')
          .orderBy('id', 'desc')
          .limit(1)
          .execute(),
        [{ actor: 'admin', details: { credentialId: theirs.id, reason: /outside the scope/ } }],
      )
    }
  },
)

const wrongTokens = async (
  from: TestIssuer,
): Promise<Record<string, readonly [token: string, description?: RegExp]>> => {
  const now = Math.floor(Date.now() / 1_000)
  const good = await from.sign({ roles: ['k-operator'] })
  const [header, payload, signature = ''] = good.split('.')
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { iss: from.url, sub: 'x', aud: 'kontor', exp: now + 300, roles: ['k-operator'] }
  const untrusted = await startIssuer(t, {})
  const { createHmac } = await import('node:crypto')
  const hmac = (secret: string) => {
    const text = `${encoded({ alg: 'HS256', kid: from.publicKey().kid })}.${encoded(claims)}`
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
  }
  return {
    garbage: ['abc'],
    'three dots': ['...'],
    'two parts': [`${header}.${payload}`],
    'no JSON': ['YQ.YQ.YQ'],
    'alg none': [`${encoded({ alg: 'none' })}.${encoded(claims)}.`],
    'alg None with a signature': [`${encoded({ alg: 'None' })}.${encoded(claims)}.${signature}`],
    'HS256 with the public key': [hmac(JSON.stringify(from.publicKey()))],
    'HS256 with its x': [hmac(from.publicKey().x ?? '')],
    'a changed payload': [
      `${header}.${encoded({ ...claims, roles: ['k-operator'], exp: now + 3_000 })}.${signature}`,
    ],
    'a changed signature': [
      `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
    ],
    'a key of its own in the header': [
      await untrusted.sign({ ...claims }, { jwk: untrusted.publicKey(), kid: undefined }),
    ],
    'an untrusted issuer': [await untrusted.sign({ roles: ['k-operator'] })],
    'an untrusted issuer that claims to be ours': [
      await untrusted.sign({ iss: from.url, roles: ['k-operator'] }),
    ],
    'the issuer with a slash': [await from.sign({ iss: `${from.url}/` })],
    'an unknown critical header': [await from.sign({}, { crit: ['x'], x: 1 })],
    'longer than any': [await from.sign({ filler: 'x'.repeat(8_192) })],
    expired: [await from.sign({ exp: now - 31, iat: now - 400 }), /expired/],
    'not valid yet': [await from.sign({ nbf: now + 60 }), /not valid yet/],
    'too old': [await from.sign({ iat: now - 86_431, exp: now + 300 }), /issued too long ago/],
    'no time of issue': [await from.sign({ iat: undefined }), /does not say when it was issued/],
    'an odd time of issue': [
      await from.sign({ iat: String(now) }),
      /does not say when it was issued/,
    ],
    'issued in the future': [await from.sign({ iat: now + 60 }), /not valid yet/],
    'another audience': [await from.sign({ aud: 'portal' }), /another audience/],
    'other audiences': [await from.sign({ aud: ['portal', 'kontor-test'] }), /another audience/],
    'no audience': [await from.sign({ aud: undefined }), /another audience/],
    'no end': [await from.sign({ exp: undefined }), /no expiry/],
    'no subject': [await from.sign({ sub: undefined }), /no subject/],
    'a subject with a line break': [await from.sign({ sub: 'a\nb' }), /no subject/],
    'an ID token by its digest': [
      await from.sign({ at_hash: 'x' }, { typ: 'JWT' }),
      /no access token/,
    ],
    'an ID token without its digest': [
      await from.sign({ nonce: 'n', auth_time: now, azp: 'kontor' }, { typ: 'JWT' }),
      /no access token/,
    ],
    'one that does not say what it is': [
      await from.sign({ nonce: 'n' }, { typ: undefined }),
      /no access token/,
    ],
    'an ID token as Keycloak has them': [
      await from.sign({ typ: 'ID' }, { typ: 'JWT' }),
      /no access token/,
    ],
    'a logout token': [await from.sign({ events: {} }, { typ: 'logout+jwt' }), /no access token/],
    'one that is bound to a key': [await from.sign({ cnf: { jkt: 'x' } }), /bound to a key/],
  }
}

t.test('every invalid token is refused in the same way', async (t) => {
  const seen = ({
    status,
    headers: { date: _date, 'www-authenticate': challenge, ...headers },
    text,
  }: Reply) => ({ status, headers, text, challenge })
  const wrong = await wrongTokens(issuer)
  await addPlatformToken('first', issuer.url, 'by-hand')
  t.equal(
    (await bearer(await issuer.sign())('GET', '/v2/catalog')).status,
    200,
    'a valid one made in the same way',
  )
  for (const path of ['/api/providers', '/v2/catalog']) {
    const first = seen(await bearer('nonsense')('GET', path))
    t.equal(first.status, 401)
    for (const [name, [token, description]] of Object.entries(wrong)) {
      const { challenge, ...reply } = seen(await bearer(token)('GET', path))
      t.strictSame(reply, { status: first.status, headers: first.headers, text: first.text }, name)
      const said = [challenge ?? ''].flat().find((each) => each.startsWith('Bearer')) ?? ''
      t.match(said, /^Bearer realm="kontor", error="invalid_token"/, name)
      if (description === undefined)
        t.notMatch(said, /description/, `${name}: no reason for a token of an untrusted issuer`)
      else t.match(said, new RegExp(`error_description="[^"]*${description.source}`), name)
    }
  }
  const good = await issuer.sign({ jti: 'for an address that cannot be read' })
  t.equal((await bearer(good)('GET', '/v2/service_instances/%zz')).status, 400)
  t.equal(
    (await bearer(`${good}x`)('GET', '/v2/service_instances/%zz')).status,
    401,
    'the router reveals no more',
  )
  t.notMatch(
    (await caller(kontor.url, {})('GET', '/api/providers')).headers['www-authenticate'],
    /error/,
    'no error without a token',
  )
})

t.test('valid tokens may differ in form', async (t) => {
  const now = Math.floor(Date.now() / 1_000)
  const good: Record<string, Promise<string>> = {
    'several audiences': issuer.sign({ aud: ['portal', 'kontor'] }),
    'just over, within the tolerance': issuer.sign({ exp: now - 20 }),
    'a day old, within the tolerance': issuer.sign({ iat: now - 86_420, exp: now + 300 }),
    'of an issuer that signs for a year': issuer.sign({ iat: now, exp: now + 31_536_000 }),
    'just ahead, within the tolerance': issuer.sign({ iat: now + 20, nbf: now + 20 }),
    'typ JWT': issuer.sign({}, { typ: 'JWT' }),
    'typ with application/': issuer.sign({}, { typ: 'application/at+jwt' }),
    'no typ': issuer.sign({}, { typ: undefined }),
    'no key id': issuer.sign({}, { kid: undefined }),
    "Keycloak's own typ": issuer.sign({ typ: 'Bearer' }, { typ: 'JWT' }),
    'and with a nonce, as older ones have it': issuer.sign(
      { typ: 'Bearer', nonce: 'n' },
      { typ: 'JWT' },
    ),
    'a nonce, but in an access token': issuer.sign({ nonce: 'n' }),
  }
  for (const [name, token] of Object.entries(good))
    t.equal((await bearer(await token)('GET', '/v2/catalog')).status, 200, name)
  t.equal(
    (
      await caller(kontor.url, {
        authorization: `bearer  ${await issuer.sign()} `,
        'x-broker-api-version': '2.17',
      })('GET', '/v2/catalog')
    ).status,
    200,
    'the scheme in any spelling',
  )
})

t.test('a role that requires a stronger sign-in is granted only with it', async (t) => {
  const strict = await startKontor(t, {
    environment: {
      KONTOR_OIDC_FILE: await writeOidcFile(t, {
        ...trust,
        typ: 'at+jwt',
        acr: { operator: ['gold'] },
      }),
    },
  })
  const status = async (claims: Record<string, unknown>, header = {}) =>
    (
      await caller(strict.url, { authorization: `Bearer ${await issuer.sign(claims, header)}` })(
        'GET',
        '/api/providers',
      )
    ).status
  t.equal(await status({ roles: ['k-operator'] }), 403)
  t.equal(await status({ roles: ['k-operator'], acr: 'bronze' }), 403)
  t.equal(await status({ roles: ['k-operator'], acr: 'gold' }), 200)
  t.equal(await status({ roles: ['k-auditor'] }), 200, 'another role does not')
  t.equal(
    await status({ roles: ['k-auditor'] }, { typ: 'JWT' }),
    401,
    'only a token that says that it is an access token',
  )
})

t.test('when the issuer changes its keys, only tokens of a revoked key stop working', async (t) => {
  const { rotating, kontor: own, call } = await site(t)
  const answers: Array<{ status: number; sent: string }> = []
  let running = true
  let token = await rotating.tokenOf('machine')
  const load = Promise.all(
    [1, 2, 3, 4].map(async () => {
      while (running) {
        const sent = token
        answers.push({ sent, status: (await call(sent)('GET', '/v2/catalog')).status })
      }
    }),
  )
  const first = token
  const served = async (count: number) => {
    const from = answers.length
    await until(
      () => answers.length,
      (now) => now >= from + count,
    )
  }
  await served(50)
  const readsBefore = rotating.keyReads()

  await rotating.rotate('published')
  const second = await rotating.tokenOf('machine')
  t.equal((await call(first)('GET', '/v2/catalog')).status, 200, 'the old key is still published')
  const many = await Promise.all(
    Array.from({ length: 20 }, async () => (await call(second)('GET', '/v2/catalog')).status),
  )
  t.strictSame(new Set(many), new Set([200]), 'the new one counts at once')
  t.equal(rotating.keyReads(), readsBefore + 1, 'and was read once for all of them')
  token = second
  await served(50)
  t.equal((await call(first)('GET', '/v2/catalog')).status, 200)

  await rotating.rotate('withdrawn')
  const third = await rotating.tokenOf('machine')
  token = third
  await served(50)
  running = false
  await load
  t.equal(
    (await call(first)('GET', '/v2/catalog')).status,
    401,
    'a token of a revoked key no longer counts, however often it did before',
  )
  t.equal((await call(second)('GET', '/v2/catalog')).status, 401)
  // Requests with the second token that were under way when its key was revoked may have failed.
  t.strictSame(
    answers.filter(({ status, sent }) => status !== 200 && sent !== second),
    [],
    `${answers.length} requests under way meanwhile`,
  )
  t.equal((await own.admin('GET', '/api/providers')).status, 200)
})

t.test('invented key ids do not make Kontor flood the issuer with requests', async (t) => {
  const { rotating, call } = await site(t)
  const good = await rotating.tokenOf('machine')
  t.equal((await call(good)('GET', '/v2/catalog')).status, 200)
  const before = rotating.keyReads()
  const forged = await Promise.all(
    Array.from({ length: 200 }, (_, at) => rotating.sign({}, { kid: `invented-${at}` })),
  )
  for (let at = 0; at < forged.length; at += 20) {
    const statuses = await Promise.all(
      forged
        .slice(at, at + 20)
        .map(async (token) => (await call(token)('GET', '/v2/catalog')).status),
    )
    t.strictSame(new Set(statuses), new Set([401]))
  }
  t.ok(rotating.keyReads() - before <= 6, `${rotating.keyReads() - before} reads for 200 of them`)
  t.equal((await call(good)('GET', '/v2/catalog')).status, 200)
})

t.test(
  'an unreachable issuer stops neither the start, nor passwords, nor tokens of known keys',
  async (t) => {
    const rotating = await startIssuer(t, { machine: {} })
    const token = await rotating.tokenOf('machine')
    const later = await rotating.tokenOf('machine')
    rotating.setAway(true)
    const { kontor: own, call } = await site(t, rotating)
    t.equal((await own.call('GET', '/v2/catalog')).status, 200)
    t.equal((await call(token)('GET', '/v2/catalog')).status, 401, 'Kontor cannot check it')
    rotating.setAway(false)
    t.equal((await call(token)('GET', '/v2/catalog')).status, 200, 'it is back')
    rotating.setAway(true)
    t.equal((await call(token)('GET', '/v2/catalog')).status, 200, 'known already')
    t.equal((await call(later)('GET', '/v2/catalog')).status, 200, 'by a key that is known')
  },
)

t.test(
  'without an admin token a start needs an issuer that grants the role operator',
  async (t) => {
    const file = await writeOidcFile(t, trust)
    const own = await startKontor(t, {
      environment: { KONTOR_OIDC_FILE: file, KONTOR_ADMIN_TOKEN: '' },
    })
    t.equal(
      (
        await caller(own.url, { authorization: `Bearer ${await issuer.tokenOf('operator')}` })(
          'GET',
          '/api/providers',
        )
      ).status,
      200,
    )
    t.equal(
      (await caller(own.url, { authorization: 'Bearer ' })('GET', '/api/providers')).status,
      401,
    )
    t.equal(
      (await caller(own.url, { authorization: 'Bearer undefined' })('GET', '/api/providers'))
        .status,
      401,
    )
    const onlyPlatforms = { issuer: issuer.url, audience: 'kontor' }
    await t.rejects(
      startKontor(t, {
        environment: {
          KONTOR_OIDC_FILE: await writeOidcFile(t, onlyPlatforms),
          KONTOR_ADMIN_TOKEN: '',
        },
      }),
      { code: 'configuration', message: /KONTOR_ADMIN_TOKEN is not set/ },
    )
  },
)

/** A Kontor with an issuer of its own, whose machine is the platform `first`. */
async function site(t: Test, given?: TestIssuer) {
  const rotating = given ?? (await startIssuer(t, { machine: {} }))
  const own = await startKontor(t, {
    worker: false,
    environment: {
      KONTOR_OIDC_FILE: await writeOidcFile(t, { issuer: rotating.url, audience: 'kontor' }),
    },
  })
  const { db: ownDb, refresh: ownRefresh } = own.running.runtime
  const { id } = await ownDb.selectFrom('platforms').select('id').executeTakeFirstOrThrow()
  for (const subject of ['machine', 'by-hand'])
    await ownDb
      .insertInto('platform_credentials')
      .values({
        id: newId(new Date()),
        platform_id: id,
        kind: 'bearer',
        issuer: rotating.url,
        subject,
        created_at: new Date(),
      })
      .execute()
  await acceptRows(ownDb, 'platform_credentials')
  await ownRefresh()
  const call = (token: string): Call =>
    caller(own.url, { authorization: `Bearer ${token}`, 'x-broker-api-version': '2.17' })
  return { rotating, kontor: own, call }
}
