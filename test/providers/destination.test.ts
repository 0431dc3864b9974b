// Where a provider's credentials go, after something with write access to the database and no key
// has changed its row: nowhere. Each attack is found by a process that runs, at its next look at
// the catalog, and by one that starts.
import { sql as raw } from 'kysely'
import pg from 'pg'
import { pino } from 'pino'
import t from 'tap'
import { verifyAudit } from '../../src/audit/chain/verify.ts'
import { run } from '../../src/cli/run.ts'
import { readConfig } from '../../src/config.ts'
import type { Tx } from '../../src/db/database.ts'
import { provision } from '../../src/instances/provision.ts'
import { checkRow } from '../../src/vault/sealed-rows/check-row.ts'
import { acceptRows } from '../support/accept-rows.ts'
import type { Simulator } from '../../tools/simulator/types.ts'
import { asRole } from '../support/as-role.ts'
import { catalogOf } from '../support/catalogs.ts'
import {
  caller,
  finished,
  here,
  startKontor,
  until,
  type ProviderOptions,
} from '../support/kontor.ts'
import { answer, scriptedUpstream, tlsFile } from '../support/scripted-upstream.ts'
import { readSources } from '../support/source.ts'
import { tokenEndpoint } from '../support/token-endpoint.ts'

t.setTimeout(90_000)
const kontor = await startKontor(t)
const { admin, call } = kontor
const sql = new pg.Client({ connectionString: kontor.databaseUrl })
await sql.connect()
t.teardown(() => sql.end())

const secret = 'hunter2-hunter2'
const plan = async (name: string) => ({ ...(await kontor.find(name, 'db')), ...here })
const rowOf = async (name: string) =>
  (await sql.query('select * from providers where name = $1', [name])).rows[0]
const put = (name: string, column: string, value: unknown) =>
  sql.query(`update providers set ${column} = $2 where name = $1`, [name, value])
let copies = 0
/** Copies a row as it is now; returns what writes it over the row that there is then. */
async function keep(name: string) {
  const copy = `copy_${++copies}`
  await sql.query(
    `create temporary table ${copy} as select * from providers where name = '${name}'`,
  )
  const columns = Object.keys(await rowOf(name)).join()
  return () =>
    sql.query(
      `update providers set (${columns}) = (select ${columns} from ${copy}) where name = $1`,
      [name],
    )
}
/** How often this connection has looked into the table. */
async function countScans(tx: Tx): Promise<number> {
  const { rows } = await raw<{ scans: number }>`select (seq_scan + idx_scan)::int as scans
    from pg_stat_xact_user_tables where relname = 'providers'`.execute(tx)
  return rows[0]?.scans ?? 0
}
const accept = () => acceptRows(kontor.running.runtime.db, 'providers')
const problem =
  /^The stored credentials do not open for this registration: something other than Kontor changed/
const changedRow =
  /^Something other than Kontor changed the row of this provider: .*kontor key reseal providers/
const changedTable =
  /^Something other than Kontor removed a row of the table providers, or set one back/
const orderer =
  /^The registration of \w+ was changed by something other than Kontor, and an operator of Kontor must check it\. Nothing is sent to it until then\./

/** What `kontor audit verify` says of rows that are older than the log knows. */
async function setBack(): Promise<string[]> {
  const findings: string[] = []
  await verifyAudit(kontor.running.runtime.db, { onFinding: (finding) => findings.push(finding) })
  return findings.filter((finding) => finding.startsWith('Set back'))
}

const simulators = new Map<string, Simulator>()
async function addPlain(name: string, options: ProviderOptions = {}) {
  const added = await kontor.addProvider(name, options)
  simulators.set(name, added.simulator)
  return added
}

/** A provider behind TLS and OAuth, with its token endpoint. */
async function addSecured(name: string) {
  const tls = { cert: tlsFile('localhost.pem'), key: tlsFile('localhost.key') }
  const client = { id: 'kontor', secret }
  const tokens = await tokenEndpoint(t, client, tls)
  const upstream = await scriptedUpstream(
    t,
    (request, response) =>
      (tokens.knows(request.headers.authorization)
        ? answer(request.path === '/v2/catalog' ? 200 : 201, catalogOf(name))
        : answer(401))(request, response),
    'localhost',
  )
  const registration = {
    settings: { url: upstream.url, tlsCa: tlsFile('ca.pem') },
    credentials: { tokenUrl: tokens.url, clientId: client.id, clientSecret: secret },
  }
  const { status, body } = await admin('POST', '/api/providers', {
    name,
    backend: 'osb',
    refreshSeconds: 3600,
    ...registration,
  })
  t.match([status, body], [201, { catalog: { error: null, plans: 3 } }])
  return { at: `/api/providers/${String(body.id)}`, registration, upstream, tokens }
}

t.test('what SQL changes of a destination sends credentials nowhere, and is noticed', async (t) => {
  const { at, registration, upstream, tokens } = await addSecured('nord')
  const other = await addPlain('sued')
  const wanted = await plan('nord')
  t.match(await call('PUT', '/v2/service_instances/before', wanted), { status: 201 })
  const older = await rowOf('nord')
  t.match(await admin('PATCH', at, { credentials: registration.credentials }), { status: 200 })
  const good = await rowOf('nord')
  t.match([older.credentials_version, good.credentials_version], [0, 1])
  const before = [upstream.requests.length, tokens.requests.length]
  const attacker = await scriptedUpstream(t, answer(200, catalogOf('nord')), 'localhost')
  const { settings } = good
  const attacks: Array<readonly [what: string, column: string, value: unknown]> = [
    ['origin', 'settings', { ...settings, url: attacker.url }],
    ['scheme', 'settings', { ...settings, url: attacker.url.replace('https:', 'http:') }],
    ['an address that is none', 'settings', { ...settings, url: 'x' }],
    ['no settings', 'settings', '[]'],
    ['TLS authority', 'settings', { ...settings, tlsCa: tlsFile('clients-ca.pem') }],
    ['authorities of the system', 'settings', { url: settings.url }],
    ['token endpoint', 'token_origin', attacker.url],
    ['no token endpoint', 'token_origin', null],
    ["another provider's credentials", 'credentials', (await rowOf('sued')).credentials],
    ['older credentials', 'credentials', older.credentials],
    ['a byte of the credentials', 'credentials', Buffer.from(good.credentials).fill(0, 90, 91)],
    ['no credentials', 'credentials', null],
    ['the version', 'credentials_version', 0],
    ['the kind of back end', 'backend', 'webhook'],
  ]
  for (const [what, column, value] of attacks) {
    await put('nord', column, value)
    // The MAC of the row covers all but them, and is checked before they are opened.
    const seen = column === 'credentials' ? problem : changedRow
    const [read, shown] = [await admin('POST', `${at}/refresh`), await admin('GET', at)]
    t.match(read.body, { catalog: { stale: true, error: seen } }, what)
    t.match(shown.body, {
      credentialsProblem: seen,
      circuit: { state: 'open', reason: seen },
      catalog: { offerings: 2, plans: 3 },
    })
    t.match(
      await call('PUT', '/v2/service_instances/during', wanted),
      { status: 503, body: { description: orderer } },
      what,
    )
    await put('nord', column, good[column])
    t.match(
      (await admin('POST', `${at}/refresh`)).body,
      { catalog: { stale: false, error: null }, circuit: { state: 'closed' } },
      `${what}, put back`,
    )
  }
  t.strictSame(attacker.requests, [])
  t.strictSame(
    [upstream.requests.length - attacks.length, tokens.requests.length - attacks.length],
    before,
    'nor did the provider get a request while its row was wrong',
  )
  t.match((await kontor.admin('GET', `/api/providers/${other.view.id}`)).body, {
    catalog: { stale: false },
  })
})

t.test('a process that starts sends nothing either, and raises an alarm once', async (t) => {
  const { at, registration } = await addSecured('west')
  const wanted = await plan('west')
  const attacker = await scriptedUpstream(t, answer(200, catalogOf('west')), 'localhost')
  const good = await rowOf('west')
  await put('west', 'settings', { ...good.settings, url: attacker.url })
  // Nor do they open after an operator has accepted the row without looking at it.
  await accept()

  const lines: string[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  const config = readConfig(kontor.environment)
  const started = await run(config, log, { worker: true, http: true })
  t.teardown(() => started.stop())
  const authorization = `Bearer ${kontor.environment['KONTOR_ADMIN_TOKEN']}`
  const there = caller(started.url ?? '', { authorization })
  t.match((await there('POST', `${at}/refresh`)).body.catalog, { stale: true, error: problem })
  t.match((await there('POST', `${at}/refresh`)).body.catalog, { stale: true, error: problem })
  const { text } = await there('GET', '/metrics')
  t.match(text, 'kontor_provider_registration_unusable{provider="west"} 1')
  t.match(text, /kontor_sealed_values_unopened_total\{column="providers\.credentials"\} [1-9]/)
  const alarms = lines.filter((line) => line.includes('the registration of a provider is unusable'))
  t.match(
    alarms.map((line) => JSON.parse(line)),
    [{ level: 50, provider: 'west', problem }],
  )

  // The other process has the good row open, until it looks at the catalog.
  t.match((await admin('POST', `${at}/refresh`)).body.catalog, { error: problem })
  const path = '/v2/service_instances/waits'
  t.match(await call('PUT', `${path}?accepts_incomplete=true`, wanted), { status: 202 })
  t.match(await admin('PATCH', at, { displayName: 'Other' }), {
    status: 400,
    body: { detail: /Check the registration, and send settings and credentials together\.$/ },
  })
  t.match(await admin('PATCH', at, { credentials: registration.credentials }), { status: 400 })
  t.strictSame(attacker.requests, [], 'which would send them to the address in the row')
  t.match(await admin('PATCH', at, registration), {
    status: 200,
    body: {
      unapprovedOrigins: { length: 0 },
      circuit: { state: 'closed' },
      catalog: { error: null },
    },
  })
  t.match((await finished(call, path)).body, { state: 'succeeded' })
  t.match((await there('POST', `${at}/refresh`)).body, { catalog: { stale: false, error: null } })
  t.match(
    (await there('GET', '/metrics')).text,
    'kontor_provider_registration_unusable{provider="west"} 0',
  )
  t.match(lines.join(''), 'the registration of a provider can be used again')
  t.strictSame(attacker.requests, [])
})

t.test('a registration that the provider itself restores waits for an approval', async (t) => {
  const { at, registration } = await addSecured('ost')
  const provider = await asRole(t, kontor, 'provider', { organisations: [], providers: ['ost'] })
  const attacker = await scriptedUpstream(t, answer(200, catalogOf('ost')), 'localhost')
  const { settings, approved_origins: approved } = await rowOf('ost')
  await put('ost', 'approved_origins', [attacker.url, settings.url])
  t.match(await provider('PATCH', at, registration), {
    status: 409,
    body: { detail: /^The table providers was changed past Kontor/ },
  })
  await put('ost', 'approved_origins', approved)
  await put('ost', 'settings', { ...settings, url: attacker.url })
  t.match(await provider('PATCH', at, registration), { status: 409 })
  await accept()
  t.match(await provider('PATCH', at, registration), { status: 200 })
  const { unapprovedOrigins } = (await admin('GET', at)).body
  t.strictSame(unapprovedOrigins, [
    registration.settings.url,
    new URL(registration.credentials.tokenUrl).origin,
  ])
  t.strictSame(attacker.requests, [])
})

t.test('a change by the API seals anew for the new address, and others do not', async (t) => {
  const { at, registration } = await addSecured('mitte')
  const { credentials, credentials_version: version } = await rowOf('mitte')
  t.equal(credentials[0], 3)
  for (const change of [
    { concurrency: 3, displayName: 'Mitte', refreshSeconds: 60 },
    {
      settings: {
        ...registration.settings,
        url: `${registration.settings.url}/`,
        timeoutSeconds: 9,
      },
    },
  ])
    t.match(await admin('PATCH', at, change), { status: 200, body: { catalog: { error: null } } })
  const same = await rowOf('mitte')
  t.strictSame([same.credentials, same.credentials_version], [credentials, version])
  const url = registration.settings.url.replace('127.0.0.1', 'localhost')
  t.match(
    await admin('PATCH', at, { ...registration, settings: { ...registration.settings, url } }),
    {
      status: 200,
      body: { settings: { url } },
    },
  )
  const moved = await rowOf('mitte')
  t.equal(moved.credentials_version, version + 1)
  t.match((await admin('GET', at)).body, { credentialsProblem: undefined })
  t.match(await admin('DELETE', at), { status: 204 })
  t.match(await rowOf('mitte'), { credentials: null, credentials_version: version + 2 })
  const again = { name: 'mitte', backend: 'osb', ...registration }
  t.match(await admin('POST', '/api/providers', again), { status: 201 })
  t.match(await rowOf('mitte'), { credentials_version: version + 3 })
  await put('mitte', 'credentials', moved.credentials)
  t.match((await admin('GET', at)).body, { credentialsProblem: problem })
  t.match(await admin('DELETE', at), { status: 204 })
})

t.test(
  'a process that knows a newer row of a provider refuses one that was set back',
  async (t) => {
    const { at, registration, upstream } = await addSecured('alt')
    const putOlder = await keep('alt')
    t.match(await admin('PATCH', at, { credentials: registration.credentials }), { status: 200 })
    const putNewer = await keep('alt')
    await putOlder()
    const sent = upstream.requests.length
    const error =
      /^The row of this provider was set back to an older state than this process has read/
    t.match((await admin('POST', `${at}/refresh`)).body.catalog, { stale: true, error })
    t.equal(upstream.requests.length, sent)
    t.strictSame(await setBack(), [
      'Set back: the provider alt has revision 1, and its last recorded change led to 2.',
    ])
    const other = await kontor.another()
    const bearer = `Bearer ${kontor.environment['KONTOR_ADMIN_TOKEN']}`
    const there = caller(other.running.url ?? '', { authorization: bearer })
    const { body } = await there('POST', `${at}/refresh`)
    t.match(body.catalog, { stale: true, error: changedTable }, 'one that starts sees the table')
    // It goes on with what it knew of the others, which a process that starts cannot tell from it.
    const sued = `/api/providers/${(await rowOf('sued')).id}/refresh`
    t.match((await there('POST', sued)).body.catalog, { stale: true, error: changedTable })
    t.match((await admin('POST', sued)).body.catalog, { stale: false, error: null })
    const scans = await other.running.runtime.db.transaction().execute(async (tx) => {
      const before = await countScans(tx)
      for (let n = 0; n < 3; n++) await checkRow(tx, 'providers', at.slice(-36), 'as_known')
      return (await countScans(tx)) - before
    })
    t.equal(scans, 3, 'all rows are not read again for each of them')
    await sql.query(`update providers set revision = revision + 1 where name = 'alt'`)
    t.match((await there('POST', `${at}/refresh`)).body.catalog, { stale: true, error: changedRow })
    t.match((await admin('POST', `${at}/refresh`)).body.catalog, { stale: true, error: changedRow })
    t.equal(upstream.requests.length, sent)
    await putNewer()
    t.match((await there('POST', sued)).body.catalog, { stale: false, error: null })
    t.match((await admin('POST', `${at}/refresh`)).body.catalog, { stale: false, error: null })
    await other.running.stop()
  },
)

t.test('a provider that was removed stays so, whatever SQL makes of its row', async (t) => {
  const { at, upstream } = await addSecured('weg')
  const wanted = await plan('weg')
  const putActive = await keep('weg')
  t.match(await admin('DELETE', at), { status: 204 })
  const sent = upstream.requests.length
  for (const change of [() => put('weg', 'state', 'active'), putActive]) {
    await change()
    await sql.query('update offerings set withdrawn_at = null')
    await sql.query('update plans set withdrawn_at = null')
    await sql.query('update catalog_revision set revision = revision + 1')
    await kontor.running.runtime.refresh()
    t.match(await call('PUT', '/v2/service_instances/weg', wanted), { status: 503 })
    t.match((await admin('POST', `${at}/refresh`)).body.catalog, {
      error: /something other than Kontor/i,
    })
  }
  t.equal(upstream.requests.length, sent)
  t.match((await admin('GET', '/api/integrity')).body, { isRight: false })
  await put('weg', 'state', 'removed')
  await accept()
})

t.test('the audit log knows parameters that were set back with their version', async (t) => {
  const wanted = await plan('sued')
  const path = '/v2/service_instances/back'
  t.match(await call('PUT', path, { ...wanted, parameters: { size: 1 } }), { status: 201 })
  const { rows } = await sql.query(
    `select id, parameters from instances where instance_id = 'back'`,
  )
  const { service_id } = wanted
  t.match(await call('PATCH', path, { service_id, parameters: { size: 2 } }), { status: 200 })
  t.match(await call('PATCH', path, { service_id, parameters: { size: 3 } }), { status: 200 })
  t.strictSame(await setBack(), [])
  await sql.query('update instances set parameters = $2, parameters_version = 0 where id = $1', [
    rows[0].id,
    rows[0].parameters,
  ])
  t.match((await call('GET', path)).body, { parameters: { size: 1 } }, 'no key was needed for that')
  t.strictSame(await setBack(), [
    `Set back: the instance back (key ${rows[0].id}) has parameters of version 0, and its last ` +
      'recorded update led to 2.',
  ])
})

t.test('one function opens credentials, and one makes the back ends that send them', async (t) => {
  const sources = readSources('src')
  const having = (text: string) =>
    sources.filter((source) => source.text.includes(text)).map(({ path }) => path)
  t.strictSame(having(`'providers', 'credentials'`), ['src/providers/credentials.ts'])
  t.strictSame(having('openCredentials('), [
    'src/providers/credentials.ts',
    'src/providers/registration.ts',
  ])
  t.strictSame(having('createBackend('), [
    'src/backends/registry.ts',
    'src/providers/open-provider.ts',
  ])
})

/** Changes columns of a row past Kontor; returns what undoes it. */
async function alter(table: string, key: string, id: string, values: Record<string, unknown>) {
  const columns = Object.keys(values)
  const { rows } = await sql.query(`select ${columns.join()} from ${table} where ${key} = $1`, [id])
  const write = (of: Record<string, unknown>) =>
    sql.query(
      `update ${table} set ${columns.map((each, at) => `${each} = $${at + 2}`).join()}
       where ${key} = $1`,
      [id, ...columns.map((each) => of[each])],
    )
  await write(values)
  return () => write(rows[0])
}

const metricOf = async (table: string) =>
  new RegExp(`^kontor_integrity_failures{table="${table}"} (.*)$`, 'm').exec(
    (await admin('GET', '/metrics')).text,
  )?.[1]

const reloadCatalog = async () => {
  await sql.query('update catalog_revision set revision = revision + 1')
  await sql.query('update offerings set revision = (select revision from catalog_revision)')
  await kontor.running.runtime.refresh()
}

t.test('an order goes to no other provider, whatever SQL makes of its plan', async (t) => {
  const other = await addPlain('fremd')
  const wanted = await plan('sued')
  const theirs = await plan('fremd')
  const { rows } = await sql.query('select * from plan_targets where plan_id = $1', [
    theirs.plan_id,
  ])
  const { plan_id: _, ...target } = rows[0]
  const undo = await alter('plan_targets', 'plan_id', wanted.plan_id, target)
  await reloadCatalog()
  const secret = { ...wanted, parameters: { password: 'p' } }
  const changed = {
    status: 503,
    body: { description: /^The provider of this plan was changed by something other than Kontor/ },
  }
  t.match(await call('PUT', '/v2/service_instances/led', secret), changed)
  t.match(await call('PUT', '/v2/service_instances/led', theirs), { status: 201 }, 'its own')
  t.equal(await metricOf('plan_targets'), '1')
  await undo()
  await reloadCatalog()
  t.equal(await metricOf('plan_targets'), '0')
  t.match(await call('PUT', '/v2/service_instances/led-2', secret), { status: 201 })
  t.equal(other.simulator.state().requests['provision'], 1)
})

t.test('nor does one whose provider opens only after the order was decided', async (t) => {
  const wanted = await plan('sued')
  const theirs = await plan('fremd')
  const { id } = await rowOf('fremd')
  const undo = await alter('plan_targets', 'plan_id', wanted.plan_id, { provider_id: id })
  await reloadCatalog()
  const { runtime } = kontor.running
  const setState = async (state: string) => {
    await put('fremd', 'state', state)
    await runtime.backends.forgetChanged([id])
  }
  const sent = simulators.get('fremd')?.state().requests['provision']
  const platform = runtime.directory.platformNamed('first')
  await setState('removed')
  const deps = {
    ...runtime,
    parameters: {
      ...runtime.parameters,
      async validate(...order: Parameters<typeof runtime.parameters.validate>) {
        await setState('active')
        return runtime.parameters.validate(...order)
      },
    },
  }
  const order = {
    platformId: platform?.id ?? '',
    acceptsIncomplete: false,
    originatingIdentity: undefined,
    requestIdentity: undefined,
    isDryRun: false,
    receivedAtMs: performance.now(),
    isAbandoned: () => false,
    instanceId: 'late',
    body: { ...wanted, parameters: { password: 'p' } },
  }
  await t.rejects(provision(deps, order), {
    message: /^The provider of this plan was changed by something other than Kontor/,
  })
  await undo()
  await reloadCatalog()
  t.equal(simulators.get('fremd')?.state().requests['provision'], sent)
  t.match(await call('PUT', '/v2/service_instances/late-2', theirs), { status: 201 })
  t.match(await call('PUT', '/v2/service_instances/late-3', wanted), { status: 201 })
})

t.test('nor does a later order of an instance that SQL moves', async (t) => {
  const path = '/v2/service_instances/moved'
  const wanted = await plan('sued')
  t.match(await call('PUT', path, { ...wanted, parameters: { a: 1 } }), { status: 201 })
  t.match(await call('PUT', `${path}/service_bindings/b`, wanted), { status: 201 })
  const found = (name: string) =>
    sql
      .query('select * from instances where instance_id = $1', [name])
      .then(({ rows: [row] }) => row)
  const [mine, theirs] = [await found('moved'), await found('led')]
  const requests = () => ['sued', 'fremd'].map((name) => simulators.get(name)?.state().requests)
  const before = JSON.stringify(requests())
  const ids = ['provider_id', 'offering_id', 'plan_id', 'upstream_service_id', 'upstream_plan_id']
  const of = (columns: string[]) =>
    Object.fromEntries(columns.map((column) => [column, theirs[column]]))
  for (const values of [
    of(['provider_id']),
    of(ids),
    of(['upstream_id']),
    of([...ids, 'upstream_id']),
    of([...ids, 'upstream_id', 'identity_mac']),
    { organisation_id: theirs.platform_id },
    { identity_mac: null },
  ]) {
    const undo = await alter('instances', 'id', mine.id, values)
    const what = Object.keys(values).join()
    const { offering_id: service_id, plan_id } = await found('moved')
    const query = `?service_id=${service_id}&plan_id=${plan_id}`
    for (const [method, at, body] of [
      ['PATCH', path, { service_id, parameters: { b: 2 } }],
      ['PUT', `${path}/service_bindings/c`, { service_id, plan_id, parameters: { c: 3 } }],
      ['GET', `${path}/service_bindings/b`],
      ['DELETE', `${path}/service_bindings/b${query}`],
      ['DELETE', `${path}${query}`],
    ] as const)
      t.match(
        await call(method, at, body),
        { status: 503, body: { description: /^This instance was changed by something other/ } },
        `${method} ${what}`,
      )
    const { body } = await admin('GET', '/api/integrity')
    t.match([body.isRight, body.tables.at(-1)], [false, { table: 'instances', damaged: [mine.id] }])
    await undo()
    await kontor.running.runtime.refresh()
    t.equal(await metricOf('instances'), '0')
    t.match(await call('GET', `${path}/service_bindings/b`), { status: 200 })
  }
  t.equal(JSON.stringify(requests()), before)
})

t.test('nor does an operation that SQL leads to another instance or provider', async (t) => {
  const { view } = await addPlain('langsam', { concurrency: 1 })
  const wanted = await plan('langsam')
  const path = '/v2/service_instances/queued'
  t.match(await call('PUT', path, wanted), { status: 201 })
  const { guard } = await kontor.running.runtime.backends.open(view.id)
  const slot = guard.acquireSlot('question')
  const { service_id } = wanted
  const change = { service_id, parameters: { password: 'p' } }
  t.match(await call('PATCH', `${path}?accepts_incomplete=true`, change), { status: 202 })
  const { rows } = await sql.query(
    `select id from operations where kind = 'update' and state = 'accepted'`,
  )
  const led = await sql.query(`select * from instances where instance_id = 'led'`)
  const { id: instance_key, provider_id } = led.rows[0]
  for (const values of [{ provider_id }, { provider_id, instance_key }]) {
    const undo = await alter('operations', 'id', rows[0].id, {
      ...values,
      next_step_at: new Date(),
    })
    await until(
      async () =>
        (await sql.query('select internal_errors from operations where id = $1', [rows[0].id]))
          .rows[0].internal_errors,
      (errors) => errors > 0,
    )
    await undo()
    await sql.query('update operations set internal_errors = 0 where id = $1', [rows[0].id])
  }
  t.equal(simulators.get('fremd')?.state().requests['update'], undefined)
  if (slot.granted) slot.release()
  t.match((await finished(call, path)).body, { state: 'succeeded' })
})
