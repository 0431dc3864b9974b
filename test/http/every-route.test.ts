// Every route of the app, called by all that may not: without credentials, with wrong ones of each
// kind, in each role, and as another tenant. The routes come from the app's own tables, so this
// covers a new one without a change.
import { AsyncLocalStorage, createHook } from 'node:async_hooks'
import { createHmac } from 'node:crypto'
import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import pg from 'pg'
import { sql } from 'kysely'
import t from 'tap'
import type { Duty, Role } from '../../src/tenancy/principal.ts'
import { makeTokenText } from '../../src/people/tokens/text.ts'
import { newId } from '../../src/ids.ts'
import { makeOrderNumber } from '../../src/orders/number.ts'
import { apiPermissions } from '../../src/http/api/scope.ts'
import { osbPermissions } from '../../src/http/osb/permissions.ts'
import { docsPermissions } from '../../src/http/public/docs.ts'
import { publicPermissions } from '../../src/http/public/permissions.ts'
import { basicAuth } from '../support/basic-auth.ts'
import { startIssuer } from '../support/issuer.ts'
import { acceptRows } from '../support/accept-rows.ts'
import { caller, here, startKontor, type Call, type Reply } from '../support/kontor.ts'
import { writeOidcFile } from '../support/oidc-file.ts'
import { sampleOf } from '../support/sample.ts'

t.setTimeout(110_000)

// The statements that each request to Kontor sends to the database, taken from the driver. What the
// process does on its own (keys, clock, jobs) runs outside of requests, so it does not count even
// at the same time.
const asking = new AsyncLocalStorage<string[]>()
let asked: string[] = []
let kontorPort: number | undefined
subscribe('http.server.request.start', (message) => {
  const { socket } = message as { socket: Socket }
  // The issuer and the providers of this test run in this process, too.
  asking.enterWith(socket.localPort === kontorPort ? (asked = []) : [])
})
type AnyQuery = (this: unknown, ...args: unknown[]) => unknown
const query = pg.Client.prototype.query as unknown as AnyQuery
pg.Client.prototype.query = function (this: unknown, ...args: unknown[]) {
  const [first] = args as [string | { text?: string }]
  const text = typeof first === 'string' ? first : (first.text ?? '')
  asking.getStore()?.push(text)
  return query.apply(this, args)
} as typeof pg.Client.prototype.query
// And the timers of a request that run out: a wait in the way of the response. Most timers are
// limits and never do.
const timers = new Map<number, string[]>()
createHook({
  init(id, type) {
    const sent = asking.getStore()
    if (type === 'Timeout' && sent !== undefined) timers.set(id, sent)
  },
  before: (id) => void timers.get(id)?.push('a wait'),
  destroy: (id) => void timers.delete(id),
}).enable()

const issuer = await startIssuer(t)
const untrusted = await startIssuer(t)
const roleNames: readonly Duty[] = ['operator', 'provider', 'agency', 'auditor']
const kontor = await startKontor(t, {
  // Nothing but the requests must change the database.
  worker: false,
  environment: {
    KONTOR_OIDC_FILE: await writeOidcFile(t, {
      issuer: issuer.url,
      audience: 'kontor',
      rolesClaim: 'roles',
      roles: Object.fromEntries(roleNames.map((role) => [`k-${role}`, role])),
      organisationsClaim: 'organisations',
      providersClaim: 'providers',
    }),
  },
})
kontorPort = Number(new URL(kontor.url).port)
const { db, refresh } = kontor.running.runtime
const osb = { 'x-broker-api-version': '2.17' }
const as = (authorization: string): Call =>
  caller(kontor.url, { ...osb, ...(authorization === '' ? {} : { authorization }) })
const tokenFor = async (role: string, claims: Record<string, unknown> = {}) =>
  `Bearer ${await issuer.sign({ sub: `a-${role}`, roles: [`k-${role}`], ...claims })}`

// Tenant A: an order of a platform at a provider, with one object of each kind of the management
// API.
const { simulator, view: nord } = await kontor.addProvider('nord')
await kontor.addProvider('sued')
const ids = await kontor.find('nord', 'db', 'small')
await kontor.call('PUT', '/v2/service_instances/theirs', { ...ids, ...here })
await kontor.call('PUT', '/v2/service_instances/theirs/service_bindings/theirs', ids)
const stamp = { created_at: new Date(), updated_at: new Date() }
// Ids begin with the time, so A's sorts first.
const [ofA, ofB] = [newId(new Date(Date.now() - 1_000)), newId(new Date())]
const operation = await db
  .selectFrom('operations')
  .selectAll()
  .where('kind', '=', 'provision')
  .executeTakeFirstOrThrow()
await db
  .insertInto('organisations')
  .values([
    { id: ofA, name: 'a-stadt', display_name: 'A', level: 'kommune', ...stamp },
    { id: ofB, name: 'b-stadt', display_name: 'B', level: 'kommune', ...stamp },
  ])
  .execute()
await db.updateTable('platforms').set({ organisation_id: ofA }).execute()
await db
  .insertInto('quotas')
  .values({ id: newId(new Date()), organisation_id: ofA, instances: 9, ...stamp })
  .execute()
// A member of each, who has no role but by the membership.
const [theirMember, ourMember] = [newId(new Date(Date.now() - 1_000)), newId(new Date())]
const language = 'de'
await db
  .insertInto('people')
  .values([
    { id: theirMember, issuer: issuer.url, subject: 'their-member', language, ...stamp },
    { id: ourMember, issuer: issuer.url, subject: 'our-member', language, ...stamp },
  ])
  .execute()
const role = 'administrator'
const { created_at } = stamp
await db
  .insertInto('memberships')
  .values([
    { id: ofA, person_id: theirMember, organisation_id: ofA, role, created_at },
    { id: ofB, person_id: ourMember, organisation_id: ofB, role, created_at },
  ])
  .execute()
await db
  .insertInto('registrations')
  .values({
    id: ofA,
    person_id: theirMember,
    kind: 'join',
    organisation: 'a-stadt',
    organisation_id: ofA,
    role: 'viewer',
    created_at,
  })
  .execute()
await acceptRows(
  db,
  'memberships',
  'organisations',
  'people',
  'platforms',
  'quotas',
  'registrations',
)
await db
  .insertInto('plan_comparisons')
  .values({
    id: ofA,
    organisation_id: ofA,
    created_by: 'a',
    created_at,
    content: '{}',
    digest: Buffer.alloc(32),
  })
  .execute()
// Numbers have a check character, so that others are no numbers at all.
const [theirNumber, noNumber] = [makeOrderNumber(created_at), makeOrderNumber(created_at)]
await db
  .insertInto('orders')
  .values({
    id: ofA,
    number: theirNumber,
    organisation_id: ofA,
    person_id: theirMember,
    offering_id: ofA,
    plan_id: ofA,
    shown: '{}',
    shown_at: created_at,
    instance_id: ofA,
    beneficiary_id: ofA,
    invoice_recipient_id: ofA,
    created_at,
    changed_at: created_at,
  })
  .execute()
await db
  .insertInto('orphans')
  .values({
    id: newId(new Date()),
    operation_id: operation.id,
    platform_id: operation.platform_id,
    provider_id: operation.provider_id,
    instance_id: 'theirs',
    upstream_id: 'u',
    upstream_service_id: 's',
    upstream_plan_id: 'p',
    cause: 'retained',
    ...stamp,
  })
  .execute()
await db
  .insertInto('reconciliation_runs')
  .values({
    id: newId(new Date()),
    provider_id: nord.id,
    cause: 'request',
    requested_at: new Date(),
    finished_at: new Date(),
  })
  .execute()
await db
  .insertInto('findings')
  .values({
    id: newId(new Date()),
    provider_id: nord.id,
    kind: 'unknown',
    object_kind: 'instance',
    upstream_id: 'u',
    upstream_instance_id: 'u',
    identity: Buffer.alloc(32),
    fingerprint: Buffer.alloc(32),
    details: '{}',
    first_seen_at: new Date(),
    last_seen_at: new Date(),
  })
  .execute()
// Tenant B, with the same rights to its own objects.
const neighbour = await kontor.newPlatform('neighbour')
await db
  .updateTable('platforms')
  .set({ organisation_id: ofB })
  .where('name', '=', 'neighbour')
  .execute()
await refresh()
// An offering of the catalog that B does not see.
const { service_id: concealed } = await kontor.find('nord', 'app')
await kontor.admin('POST', '/api/visibility-rules', {
  effect: 'deny',
  who: { organisation: 'b-stadt' },
  what: { offering: 'nord-app' },
  reason: 'It is for A.',
  conceal: true,
})

type Permission = 'public' | 'platform' | readonly Role[]

const permissions: Readonly<Record<string, Permission>> = {
  ...publicPermissions,
  ...osbPermissions,
  ...apiPermissions,
}

interface Route {
  readonly key: string
  readonly method: string
  readonly url: string
  readonly permission: Permission
  readonly body: unknown
  readonly query: string
}

type Part = Readonly<Record<string, unknown>>
const document = (await as('')('GET', '/openapi.json')).body as {
  paths: Record<string, Record<string, Part>>
  components: { schemas: Record<string, Part> }
}

const routes: readonly Route[] = Object.entries(permissions).map(([key, permission]) => {
  const [method = '', url = ''] = key.split(' ')
  const described = document.paths[url.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
  const { requestBody, parameters = [] } =
    (described as {
      requestBody?: { content: Record<string, { schema: Part }> }
      parameters?: ReadonlyArray<{ in: string; name: string; required?: boolean; schema: Part }>
    }) ?? {}
  const schema = requestBody?.content['application/json']?.schema
  // The examples of the schemas have ids of plans that do not exist here.
  const own = url.startsWith('/v2') ? { ...ids, ...here } : {}
  const sample =
    schema === undefined
      ? undefined
      : { ...(sampleOf(schema, document.components.schemas) as object), ...own }
  const wanted = parameters
    .filter((each) => each.in === 'query' && each.required === true)
    .map(
      ({ name, schema: of }) =>
        `${name}=${encodeURIComponent(String((own as Part)[name] ?? sampleOf(of, document.components.schemas)))}`,
    )
  return {
    key,
    method,
    url,
    permission,
    body: sample,
    query: wanted.length === 0 ? '' : `?${wanted.join('&')}`,
  }
})

await db
  .insertInto('api_tokens')
  .values({
    id: ofA,
    person_id: theirMember,
    name: 'theirs',
    digest: Buffer.alloc(32),
    access: 'full',
    expires_at: '9999999999',
    created_at,
  })
  .execute()
await db
  .insertInto('invitations')
  .values({
    id: ofA,
    organisation_id: ofA,
    role: 'viewer',
    email: 'a@a.example',
    expires_at: '9999999999',
    created_at,
  })
  .execute()
await acceptRows(db, 'api_tokens', 'invitations')

// The part of a path before an id -> the table with the row of tenant A.
const tables: Readonly<Record<string, string>> = {
  reconciliations: 'reconciliation_runs',
  credentials: 'platform_credentials',
  mappings: 'organisation_mappings',
  comparisons: 'plan_comparisons',
  tokens: 'api_tokens',
}
const theirs: Record<string, string> = {
  instance_id: 'theirs',
  binding_id: 'theirs',
  offering: concealed,
  number: theirNumber,
}

async function idsOf(url: string): Promise<Record<string, string | undefined>> {
  const found: Record<string, string | undefined> = {}
  for (const [, segment = '', name = ''] of url.matchAll(/([\w-]+)\/:(\w+)/g)) {
    const table = tables[segment] ?? segment.replaceAll('-', '_')
    // A's row is the older one.
    found[name] =
      theirs[name] ??
      (await sql<{ id: string }>`select id::text from ${sql.table(table)} order by id limit 1`
        .execute(db)
        .then(
          ({ rows: [row] }) => row?.id,
          () => undefined,
        ))
  }
  return found
}

const memberCall = async () => as(`Bearer ${await issuer.sign({ sub: 'our-member' })}`)
const isForMembers = (allowed: readonly Role[]) =>
  (['agency', 'member', 'person'] as const).some((each) => allowed.includes(each))

const addressOf = ({ url, query: wanted }: Route, given: Record<string, string | undefined>) =>
  url.replaceAll(/:(\w+)/g, (_, name: string) => given[name] ?? 'none') + wanted
const unknownId = (name: string) =>
  name === 'number' ? noNumber : name in theirs ? 'no-one' : '01a2078b-fbbe-7b44-b497-56d4ba8d5a71'
const unknownOf = (url: string) =>
  Object.fromEntries(
    Array.from(url.matchAll(/:(\w+)/g), ([, name = '']) => [name, unknownId(name)]),
  )
const isBelow = (route: Route, prefix: string) => route.url.startsWith(`${prefix}/`)

/**
 * All rows of all tables, and the number of requests to the provider; without the audit log, in
 * which refusals may be recorded.
 */
async function everything(): Promise<unknown> {
  const { rows } = await sql<{
    name: string
  }>`select tablename as name from pg_tables where schemaname = 'public' order by 1`.execute(db)
  const written = /^audit/
  const digests = await Promise.all(
    rows
      .filter(({ name }) => !written.test(name))
      .map(async ({ name }) => {
        const {
          rows: [row],
        } = await sql<{
          digest: string
        }>`select count(*) || ' ' || coalesce(md5(string_agg(line, ',' order by line)), '') as digest
      from (select (to_jsonb(each) - 'last_used_at' - 'seen_at')::text as line from ${sql.table(name)} as each) as lines`.execute(
          db,
        )
        return [name, row?.digest]
      }),
  )
  return {
    rows: Object.fromEntries(digests),
    requests: simulator.state().requests,
  }
}

function documentedRolesOf(key: string): string[] {
  const [method = '', url = ''] = key.split(' ')
  const described = document.paths[url.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
  const security = (described?.['security'] ?? []) as ReadonlyArray<Record<string, string[]>>
  return security.flatMap((one) => one['person'] ?? [])
}

/** A response without what may differ: its date and the requested path. */
function seen(
  { status, headers: { date: _date, 'content-length': _length, ...headers }, text }: Reply,
  path: string,
): Pick<Reply, 'status' | 'headers' | 'text'> {
  const [address = ''] = path.split('?')
  return { status, headers, text: text.replaceAll(address, '') }
}

t.test('the tables, the OpenAPI document and the app have the same routes', async (t) => {
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(
      (method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
    ),
  )
  t.strictSame(
    documented.toSorted(),
    routes.map(({ key }) => key).toSorted(),
    'each entry is a route, or the start would have failed',
  )
  t.strictSame(
    Object.entries(apiPermissions).map(([key]) => [key, documentedRolesOf(key)]),
    Object.entries(apiPermissions),
    'the document names the roles of the table',
  )
  t.strictSame(
    Object.keys(docsPermissions).filter((key) => !/^GET \/docs(\/|$)/.test(key)),
    [],
    'the pages of the documentation are not in the document',
  )
  t.strictSame(
    routes.filter(({ permission }) => permission === 'public').map(({ url }) => url),
    ['/healthz', '/readyz', '/metrics', '/openapi.json'],
    'only these are public',
  )
  t.strictSame(
    routes.filter(
      (route) =>
        route.permission !== 'public' &&
        isBelow(route, '/v2') !== (route.permission === 'platform'),
    ),
    [],
  )
})

async function wrongCredentials(): Promise<Record<string, string>> {
  const now = Math.floor(Date.now() / 1_000)
  const roles = roleNames.map((role) => `k-${role}`)
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = encoded({ iss: issuer.url, sub: 'x', aud: 'kontor', exp: now + 300, roles })
  const hs256 = `${encoded({ alg: 'HS256', kid: issuer.publicKey().kid })}.${claims}`
  const { username } = await db
    .selectFrom('platform_credentials')
    .select('username')
    .executeTakeFirstOrThrow()
  return {
    nothing: '',
    'an unknown name': basicAuth('unknown', 'secret'),
    'a wrong password': basicAuth(`${username}:secret`),
    'no Basic': 'Basic !',
    'an invalid bearer token': 'Bearer garbage',
    'half of the admin token': `Bearer ${kontor.environment['KONTOR_ADMIN_TOKEN']?.slice(1)}`,
    'an expired token': `Bearer ${await issuer.sign({ roles, exp: now - 60 })}`,
    'a token for another audience': `Bearer ${await issuer.sign({ roles, aud: 'portal' })}`,
    'a token of an untrusted issuer': `Bearer ${await untrusted.sign({ roles })}`,
    "a token signed by another's key": `Bearer ${await untrusted.sign({ roles, iss: issuer.url })}`,
    'a personal token that is not known': `Bearer ${makeTokenText(newId(new Date()))}`,
    'a personal token with another secret': `Bearer ${makeTokenText(ofA)}`,
    'a token without a signature': `Bearer ${encoded({ alg: 'none' })}.${claims}.`,
    'a token signed with the public key': `Bearer ${hs256}.${createHmac('sha256', JSON.stringify(issuer.publicKey())).update(hs256).digest('base64url')}`,
  }
}

t.test(
  'without credentials, or with wrong ones of any kind, every route answers 401 and nothing more',
  async (t) => {
    const before = await everything()
    const wrong = Object.entries(await wrongCredentials())
    for (const route of routes.filter(({ permission }) => permission !== 'public')) {
      const existing = await idsOf(route.url)
      const answers = await Promise.all(
        wrong.flatMap(([, authorization]) =>
          [existing, unknownOf(route.url)].map(async (given) => {
            const path = addressOf(route, given)
            const {
              headers: { 'www-authenticate': challenge, ...headers },
              ...answer
            } = seen(await as(authorization)(route.method, path, route.body), path)
            t.match(
              [challenge].flat().join(),
              isBelow(route, '/v2') ? /^Basic realm=/ : /^Bearer realm=/,
            )
            return { ...answer, headers }
          }),
        ),
      )
      t.equal(answers[0]?.status, 401, route.key)
      t.equal(
        new Set(answers.map((answer) => JSON.stringify(answer))).size,
        1,
        `${route.key}: one answer to all of them`,
      )
    }
    t.strictSame(await everything(), before, 'nothing has changed')
  },
)

t.test('valid credentials of another kind or role are refused', async (t) => {
  const before = await everything()
  const persons = await Promise.all(
    roleNames.map(
      async (role) =>
        [
          role,
          as(
            await tokenFor(role, {
              providers: ['nord', 'sued'],
              organisations: ['a-stadt', 'b-stadt'],
            }),
          ),
        ] as const,
    ),
  )
  const noRole = as(`Bearer ${await issuer.sign({ sub: 'no-role', roles: [] })}`)
  for (const route of routes.filter(({ permission }) => permission !== 'public')) {
    const path = addressOf(route, await idsOf(route.url))
    const statusOf = async (call: Call) => (await call(route.method, path, route.body)).status
    if (isBelow(route, '/v2')) {
      for (const [role, call] of [...persons, ['admin', kontor.admin] as const])
        t.equal(await statusOf(call), 401, `${route.key} as ${role}`)
      continue
    }
    t.equal(await statusOf(neighbour), 401, `${route.key} as a platform`)
    const allowed = route.permission as readonly Role[]
    // Those whom an issuer vouches for are all let in there: what such a person sees is tried below.
    if (allowed.includes('person')) {
      if (allowed.includes('operator')) continue
      t.equal(await statusOf(kontor.admin), 403, `${route.key} as the admin, who is no person`)
      continue
    }
    t.equal(await statusOf(noRole), 403, `${route.key} without a role`)
    for (const [role, call] of persons.filter(([each]) => !allowed.includes(each)))
      t.equal(await statusOf(call), 403, `${route.key} as ${role}`)
  }
  t.strictSame(await everything(), before, 'nothing has changed')
})

interface Foreigner {
  readonly route: Route
  readonly who: string
  readonly call: Call
}

/** Callers that may call a route, but have another access scope. */
async function foreigners(): Promise<Foreigner[]> {
  const provider = as(await tokenFor('provider', { providers: ['sued'] }))
  const agency = as(await tokenFor('agency', { organisations: ['b-stadt'] }))
  const member = await memberCall()
  return routes.flatMap((route): Foreigner[] => {
    if (!route.url.includes(':')) return []
    // Platforms choose instance ids, so this order would succeed; with an unknown plan it cannot.
    if (route.key === 'PUT /v2/service_instances/:instance_id')
      return [
        {
          route: { ...route, body: { ...ids, ...here, plan_id: 'none' } },
          who: 'another platform',
          call: neighbour,
        },
      ]
    if (route.permission === 'platform')
      return [{ route, who: 'another platform', call: neighbour }]
    const allowed = route.permission as readonly Role[]
    return [
      ...(allowed.includes('provider') ? [{ route, who: 'another provider', call: provider }] : []),
      ...(allowed.includes('agency') ? [{ route, who: 'another agency', call: agency }] : []),
      ...(isForMembers(allowed) ? [{ route, who: 'a member of another', call: member }] : []),
    ]
  })
}

t.test('an object of another tenant looks exactly like one that does not exist', async (t) => {
  const before = await everything()
  const all = await foreigners()
  t.ok(all.length >= 15, `${all.length} calls`)
  let statements = 0
  for (const { route, who, call } of all) {
    const existing = await idsOf(route.url)
    const missing = Object.entries(existing)
      .filter(([, id]) => id === undefined)
      .map(([name]) => name)
    t.strictSame(
      missing,
      [],
      `${route.key}: this test must make one of tenant A, or say in \`tables\` where it is`,
    )
    const ask = async (given: Record<string, string | undefined>) => {
      const path = addressOf(route, given)
      const reply = await call(route.method, path, route.body)
      statements += asked.length
      return { answer: seen(reply, path), statements: asked }
    }
    // The first call of a kind fills caches and may prepare statements.
    await ask(unknownOf(route.url))
    const [foreign, unknown] = [await ask(existing), await ask(unknownOf(route.url))]
    const isOrder = route.key === 'PUT /v2/service_instances/:instance_id'
    t.ok(
      [401, 403, 404, 410, ...(isOrder ? [400] : [])].includes(foreign.answer.status),
      `${route.key} by ${who} is ${foreign.answer.status}: ${foreign.answer.text}`,
    )
    t.strictSame(
      foreign,
      unknown,
      `${route.key} by ${who}: the same response, after the same statements and waits`,
    )
  }
  t.ok(statements > 2 * all.length, 'the driver reported its statements')
  t.strictSame(await everything(), before, 'nothing has changed, and no provider was called')
})

t.test('lists contain nothing of another tenant', async (t) => {
  const calls: Record<string, Call> = {
    provider: as(await tokenFor('provider', { providers: ['sued'] })),
    agency: as(await tokenFor('agency', { organisations: ['b-stadt'] })),
    member: await memberCall(),
  }
  const marks = [
    nord.id,
    theirNumber,
    operation.id,
    operation.platform_id,
    ofA,
    theirMember,
    'a-stadt',
    '"theirs"',
  ]
  // A route that needs the id of an object in its query is no list.
  for (const route of routes.filter(
    ({ method, url, permission, query: wanted }) =>
      method === 'GET' && !url.includes(':') && Array.isArray(permission) && wanted === '',
  )) {
    const allowed = route.permission as readonly Role[]
    for (const [role, call] of Object.entries(calls).filter(([each]) =>
      each === 'member' ? isForMembers(allowed) : allowed.includes(each as Role),
    )) {
      const { status, text } = await call('GET', addressOf(route, {}))
      t.equal(status, 200, `${route.key} as ${role}`)
      t.strictSame(
        marks.filter((mark) => text.includes(mark)),
        [],
        `${route.key} as ${role}`,
      )
    }
  }
  t.match(
    (await kontor.admin('GET', '/api/operations')).text,
    /"theirs"/,
    "the marks are those of the operator's list",
  )
})
