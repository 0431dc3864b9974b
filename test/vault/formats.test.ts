// A database that releases up to 0.2 have used: their sealed values name neither a version nor a
// destination.
import { randomBytes, randomUUID } from 'node:crypto'
import pg from 'pg'
import t from 'tap'
import { openDatabase } from '../../src/db/database.ts'
import { sealIdentities } from '../../src/instances/seal-identities.ts'
import { credentialsDestination } from '../../src/providers/credentials.ts'
import { sealInForce } from '../../src/vault/digest-keys/digest-key.ts'
import { parseKeyRing } from '../../src/vault/key-ring.ts'
import { registerProcess } from '../../src/vault/register-process.ts'
import { makeCheckpoint } from '../../src/audit/checkpoints/make-checkpoint.ts'
import { readConfig } from '../../src/config.ts'
import { run } from '../../src/cli/run.ts'
import { createLog } from '../../src/log.ts'
import { sealBytes } from '../../src/vault/seal.ts'
import { sealRows } from '../../src/vault/sealed-rows/seal-rows.ts'
import { sealedColumns } from '../../src/vault/sealed-columns.ts'
import { useNewestFormat } from '../../src/vault/use-newest-format.ts'
import { basicAuth } from '../support/basic-auth.ts'
import { here, startKontor, until } from '../support/kontor.ts'
import { runKontor } from '../support/kontor-command.ts'
import { serveKontor } from '../support/kontor-process.ts'
import { createDatabase } from '../support/postgres.ts'

t.setTimeout(90_000)
const keys = `k1:${randomBytes(32).toString('base64')}`
const ring = parseKeyRing(keys)
const { url } = await createDatabase(t)
const client = new pg.Client({ connectionString: url })
await client.connect()
t.teardown(() => client.end())
// Such a release made the digest key, which every process opens first.
await client.query('insert into vault_secrets (name, sealed) values ($1, $2)', [
  'digest-key',
  sealBytes(ring, randomBytes(32), ['vault_secrets', 'sealed', 'digest-key', ''], 1),
])
const kontor = await startKontor(t, { databaseUrl: url, environment: { KONTOR_KEYS: keys } })
const { call, admin } = kontor
const { view, simulator } = await kontor.addProvider('nord')
const wanted = { ...(await kontor.find('nord', 'db')), ...here }
const plan = { service_id: wanted.service_id, plan_id: wanted.plan_id }
const firstDigestKey = (await client.query('select sealed, version from vault_secrets')).rows[0]
const I = '/v2/service_instances/i'
const B = `${I}/service_bindings/b`

/** How many values of each format there are. */
async function formats(): Promise<Record<string, number>> {
  const all = sealedColumns
    .map(({ table, column }) => `select get_byte(${column}, 0) as format from ${table}`)
    .join(' union all ')
  const { rows } = await client.query<{ format: number; values: number }>(
    `select format, count(*)::int as values from (${all}) as every where format is not null
     group by format`,
  )
  return Object.fromEntries(rows.map(({ format, values }) => [format, values]))
}

async function opened() {
  const [instance, binding] = [await call('GET', I), await call('GET', B)]
  const { catalog, ...provider } = (await admin('POST', `/api/providers/${view.id}/refresh`)).body
  return [instance.body.parameters, binding.body, provider.credentialsProblem, catalog.error]
}

const useNewest = async (onRewritten = () => {}) => {
  const db = openDatabase(url, { connections: 1, name: 'kontor-keys' })
  try {
    return await db.connection().execute((connection) =>
      useNewestFormat({
        connection,
        ring,
        destinationOf: credentialsDestination,
        onRewritten,
        sealRows: () => sealIdentities(connection, kontor.running.runtime.vault),
      }),
    )
  } finally {
    await db.destroy()
  }
}

t.test('an older process can read all that this release writes beside it', async (t) => {
  const parameters = { size: 1 }
  t.match(await call('PUT', I, { ...wanted, parameters }), { status: 201 })
  t.match(await call('PUT', B, { ...plan, parameters }), { status: 201 })
  t.match(await call('PATCH', I, { service_id: plan.service_id, parameters: { size: 2 } }), {
    status: 200,
  })
  const values = await formats()
  t.strictSame(Object.keys(values), ['1'])
  t.ok((values['1'] ?? 0) >= 5)
})

const requireSealed = { ...kontor.environment, KONTOR_REQUIRE_SEALED: 'true' }
const start = () =>
  run(readConfig(requireSealed), createLog('silent'), { worker: false, http: true })
const verified = (environment: Record<string, string>) =>
  runKontor(['audit', 'verify'], environment)

t.test('an unsealed database is served with a warning, unless it must be sealed', async (t) => {
  const [rotated, served, plain, strict] = await Promise.all([
    runKontor(['key', 'rotate', '--all'], kontor.environment),
    serveKontor(t, { ...kontor.environment, LOG_LEVEL: 'info' }, '--no-worker'),
    verified(kontor.environment),
    verified(requireSealed),
  ])
  t.match(served.output().stderr, /"unsafe":"rows-unsealed".*platforms, .*earlier releases/)
  served.child.kill('SIGTERM')
  t.match(await served.ended(), { code: 0 })
  t.match(rotated, { code: 1, stderr: /The database is not sealed.*"kontor key seal-rows" first/ })
  t.match(plain, { code: 0, stdout: /^Not sealed, .*quotas/m })
  t.match(strict, { code: 1, stderr: /not sealed, and KONTOR_REQUIRE_SEALED is true/ })
  await t.rejects(start(), { code: 'configuration', message: /^KONTOR_REQUIRE_SEALED is true/ })
})

t.test('the newest format waits until no older process runs', async (t) => {
  const old = randomUUID()
  await client.query(
    `insert into vault_processes (process_id, name, keys, sealing_key)
     values ($1, 'old:1', '{k1}', 'k1')`,
    [old],
  )
  const before = await formats()
  await t.rejects(useNewest(), {
    code: 'conflict',
    message: /^Processes of an earlier release are running \(old:1\)/,
  })
  t.strictSame(await formats(), before)
  await client.query('delete from vault_processes where process_id = $1', [old])
})

t.test('rows without MACs count until they are sealed, and none that comes later', async (t) => {
  const { runtime } = kontor.running
  // As a process of an earlier release writes it.
  const issue = async (username: string) => {
    await client.query(
      `insert into platform_credentials (id, platform_id, username, password_digest, created_at)
       select gen_random_uuid(), id, $1, $2, now() from platforms`,
      [username, runtime.vault.digest('p')],
    )
    await runtime.refresh()
    const authorization = basicAuth(username, 'p')
    return async () => (await call('GET', '/v2/catalog', undefined, { authorization })).status
  }
  const earlier = await issue('earlier')
  t.equal(await earlier(), 200)
  const integrity = async () => (await admin('GET', '/api/integrity')).body
  const ofCredentials = async () =>
    (await integrity()).tables.find(
      ({ table }: { table: string }) => table === 'platform_credentials',
    )
  t.match(await ofCredentials(), { isSealed: false, isRight: true })
  const old = randomUUID()
  await client.query(
    `insert into vault_processes (process_id, name, keys, sealing_key)
     values ($1, 'old:1', '{k1}', 'k1')`,
    [old],
  )
  await t.rejects(
    sealRows(runtime.db, async () => {}),
    { code: 'conflict', message: /^Processes of an earlier release run.*: old:1\./ },
  )
  await client.query('delete from vault_processes where process_id = $1', [old])
  const sealed = await sealRows(runtime.db, async () => {})
  t.match(
    sealed.find(({ table }) => table === 'platform_credentials'),
    { rows: 2 },
  )
  t.strictSame(await sealRows(runtime.db, async () => {}), [], 'once')
  await runtime.refresh()
  t.equal(await earlier(), 200)
  t.equal((await call('GET', '/v2/catalog')).status, 200)
  t.equal((await integrity()).isRight, true)
  const later = await issue('later')
  t.equal(await later(), 401)
  t.equal(await earlier(), 200)
  t.match(await ofCredentials(), { isSealed: true, isRight: false })
  await client.query(`delete from platform_credentials where username = 'later'`)
  await runtime.refresh()
  t.equal((await integrity()).isRight, true)
})

t.test('all values are sealed anew while the process runs, and each opens', async (t) => {
  const before = await opened()
  // As a process of an earlier release leaves it.
  await client.query('update instances set identity_mac = null')
  t.match(before, [{ size: 2 }, { credentials: { username: String } }, undefined, null])
  const { '1': all = 0 } = await formats()
  t.strictSame(await useNewest(), { resealed: all - 1, damaged: [] }, 'all but the digest key')
  t.strictSame(await formats(), { 3: all })
  t.strictSame(await opened(), before)
  const { rows } = await client.query('select identity_mac from instances')
  t.ok(rows.every((row) => row.identity_mac !== null))
  t.match(
    await call('PATCH', I, { service_id: plan.service_id, parameters: { size: 3 } }),
    { status: 200 },
    'and this process seals in it now',
  )
  t.strictSame(await formats(), { 3: all })
  t.match((await opened())[0], { size: 3 })
  t.strictSame(await useNewest(), { resealed: 0, damaged: [] })
})

t.test('a value of the first format does not open any more, nor is it sealed anew', async (t) => {
  const { rows } = await client.query<{ id: string; platform_id: string; parameters: Buffer }>(
    `select id, platform_id, parameters from instances where instance_id = 'i'`,
  )
  const [row] = rows
  if (row === undefined) throw new Error('There is no such instance.')
  const { id, platform_id: platformId, parameters } = row
  const first = sealBytes(
    ring,
    Buffer.from('{"size":9}'),
    ['instances', 'parameters', id, platformId],
    1,
  )
  const put = (value: Buffer) =>
    client.query('update instances set parameters = $2 where id = $1', [id, value])
  await put(first)
  await until(
    () => call('GET', I),
    ({ status }) => status === 500,
  )
  t.strictSame(await useNewest(), { resealed: 0, damaged: [] })
  t.match(await call('GET', I), { status: 500 })
  await put(parameters)
  t.match((await call('GET', I)).body, { parameters: { size: 3 } })
})

t.test('SQL cannot have it open again', async (t) => {
  await client.query('update vault_secrets set version = 0')
  await t.rejects(kontor.another(), { code: 'configuration', message: /digest key is damaged/ })
  await client.query('update vault_secrets set version = 1')
})

t.test('nor have a running process seal in it', async (t) => {
  const db = openDatabase(kontor.databaseUrl, { connections: 2, name: 'test' })
  t.teardown(() => db.destroy())
  const self = await registerProcess(db, ring)
  t.teardown(() => self.remove())
  const { rows } = await client.query<{ sealed: Buffer }>('select sealed from vault_secrets')
  await client.query('update vault_secrets set sealed = set_byte(sealed, 0, 1)')
  const { formats: adopted } = await self.adopt(ring)
  await client.query('update vault_secrets set sealed = $1', [rows[0]?.sealed])
  t.strictSame(adopted, { sealing: 3, acceptsFirst: false })
})

async function adoptedFormats() {
  const db = openDatabase(url, { connections: 1, name: 'kontor' })
  try {
    const self = await registerProcess(db, ring)
    await self.remove()
    return self.current().adopted.formats
  } finally {
    await db.destroy()
  }
}

t.test('nor have a starting process take the database for an unsealed one', async (t) => {
  const { db, now } = kontor.running.runtime
  await until(
    () => makeCheckpoint({ db, now }, 0, undefined),
    (round) => round !== undefined,
  )
  await client.query('create table kept_key as select * from vault_secrets')
  await client.query('create table kept_sets as select * from sealed_sets')
  await client.query('create table kept_marks as select * from vault_marks')
  await client.query('delete from sealed_sets')
  await client.query('delete from vault_marks')
  const { sealed, version } = firstDigestKey
  await client.query('update vault_secrets set sealed = $1, version = $2', [sealed, version])
  await t.rejects(start(), { code: 'configuration', message: /^KONTOR_REQUIRE_SEALED is true/ })
  const { sealed: second } = sealInForce(ring, 2, randomBytes(32))
  const insertSecond = `insert into vault_secrets values ('digest-key-2', $1, $2)`
  await client.query(insertSecond, [second, version])
  await t.rejects(start(), { code: 'configuration', message: /digest key is damaged/ })
  await client.query(`update vault_secrets set version = 1 where name = 'digest-key-2'`)
  t.strictSame(
    await adoptedFormats(),
    { sealing: 3, acceptsFirst: false },
    'a second digest key shows that it was sealed',
  )
  await client.query(`delete from vault_secrets where name = 'digest-key-2'`)
  t.match(await verified(kontor.environment), {
    code: 1,
    stderr: /Tables are not sealed that were at the checkpoint of 20.*: .*organisation_mappings, /,
  })
  await client.query(
    'update vault_secrets set (sealed, version) = (kept.sealed, kept.version) from kept_key as kept',
  )
  await client.query('insert into sealed_sets select * from kept_sets')
  await client.query('insert into vault_marks select * from kept_marks')
  await (await start()).stop()
  t.match(await verified(requireSealed), { code: 0 })
})

t.test('a process that starts later seals in it', async (t) => {
  const other = await kontor.another()
  t.match(await other.call('PUT', `${I}2`, { ...wanted, parameters: { a: 1 } }), { status: 201 })
  t.strictSame(Object.keys(await formats()), ['3'])
})

const swap = async (
  table: string,
  column: string,
  where: string,
  change: () => Promise<unknown>,
) => {
  const { rows } = await client.query<{ value: Buffer }>(
    `select ${column} as value from ${table} where ${where}`,
  )
  await change()
  await client.query(`update ${table} set ${column} = $1 where ${where}`, [rows[0]?.value])
}

t.test('an older value of the same row does not open in it, and is noticed', async (t) => {
  const update = { service_id: plan.service_id, parameters: { size: 4 } }
  await swap('instances', 'parameters', `instance_id = 'i'`, async () =>
    t.match(await call('PATCH', I, update), { status: 200 }),
  )
  const refused = { status: 500, body: { description: /^[^{}]+$/ } }
  t.match(await call('GET', I), refused)
  const updates = simulator.state().requests['update']
  t.match(await call('PATCH', I, { ...update, parameters: { size: 5 } }), refused)
  t.equal(simulator.state().requests['update'], updates, 'the provider got no update')
  const patched = await admin('PATCH', `/api/providers/${view.id}`, {
    storeBindingCredentials: true,
  })
  t.match(patched, { status: 200 })
  await swap('bindings', 'result', `binding_id = 'b'`, async () =>
    admin('PATCH', `/api/providers/${view.id}`, { storeBindingCredentials: false }),
  )
  t.match(await call('GET', B), refused)
  const { text } = await admin('GET', '/metrics')
  t.match(text, /kontor_sealed_values_unopened_total\{column="instances\.parameters"\} [1-9]/)
  t.match(text, /kontor_sealed_values_unopened_total\{column="bindings\.result"\} [1-9]/)
  t.match(await useNewest(), { resealed: 0 })
})
