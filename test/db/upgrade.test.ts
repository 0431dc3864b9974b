// Data of earlier releases: it opens after the upgrade, before and after its rows are sealed.
import { copyFile, readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import pg from 'pg'
import t, { type Test } from 'tap'
import { migrateToLatest } from '../../src/migrate.ts'
import { startSimulator } from '../../tools/simulator/start.ts'
import { catalogOf } from '../support/catalogs.ts'
import { caller, here, startKontor } from '../support/kontor.ts'
import { runKontor } from '../support/kontor-command.ts'
import { createEmptyDatabase } from '../support/postgres.ts'

t.setTimeout(90_000)

/** What a process of the release has written, and how it answered. */
interface Release {
  readonly keys: string
  readonly authorization: string
  readonly provider: { readonly password: string }
  readonly ids: { readonly service_id: string; readonly plan_id: string }
  readonly instance: object
  readonly binding: object
  readonly services: readonly string[]
  readonly platform: string
  readonly tables: Readonly<Record<string, ReadonlyArray<Record<string, unknown>>>>
}

const migrations = fileURLToPath(new URL('../../migrations/', import.meta.url))

/** A database as the release left it, with its provider at another address. */
async function restore(t: Test, { tables }: Release, lastMigration: string, providerUrl: string) {
  const { url } = await createEmptyDatabase(t)
  const folder = t.testdir()
  for (const name of await readdir(migrations))
    if (name.slice(0, 4) <= lastMigration)
      await copyFile(join(migrations, name), join(folder, name))
  await migrateToLatest(url, { folder: pathToFileURL(`${folder}/`) })
  const sql = new pg.Client({ connectionString: url })
  await sql.connect()
  t.teardown(() => sql.end())
  await sql.query("set session_replication_role = 'replica'")
  for (const [table, rows] of Object.entries(tables)) {
    await sql.query(`delete from ${table}`)
    await sql.query(
      `insert into ${table} overriding system value
       select * from json_populate_recordset(null::${table}, $1)`,
      [JSON.stringify(rows)],
    )
  }
  await sql.query("set session_replication_role = 'origin'")
  await sql.query(
    `select setval(pg_get_serial_sequence('audit_events', 'id'), max(id)) from audit_events`,
  )
  await sql.query(
    `update providers set settings = jsonb_set(settings, '{url}', to_jsonb($1::text))`,
    [providerUrl],
  )
  return { url, sql }
}

for (const [name, lastMigration] of [
  ['0.1', '0016'],
  ['0.2', '0018'],
] as const)
  t.test(`data of ${name} opens, is sealed, and takes no unsealed row then`, async (t) => {
    const file = new URL(`releases/${name}.json`, import.meta.url)
    const release = JSON.parse(await readFile(file, 'utf8')) as Release
    const { ids, instance, binding, services, authorization, platform } = release
    const simulator = await startSimulator({
      catalog: catalogOf('north'),
      provider: 'north',
      username: 'kontor',
      password: release.provider.password,
      behaviours: { '*': { mode: 'sync' } },
    })
    t.teardown(() => simulator.stop())
    const { url, sql } = await restore(t, release, lastMigration, simulator.url)
    await migrateToLatest(url)
    const kontor = await startKontor(t, {
      databaseUrl: url,
      environment: { KONTOR_KEYS: release.keys },
    })
    const command = (...args: string[]) => runKontor(args, kontor.environment)
    const platformCall = caller(kontor.url, { 'x-broker-api-version': '2.17', authorization })
    const at = (id: string) => `/v2/service_instances/${id}`
    const opens = async (when: string) => {
      const catalog = await platformCall('GET', '/v2/catalog')
      t.strictSame(
        catalog.body.services.map((each: { name: string }) => each.name),
        services,
        `${when}: the rule counts`,
      )
      t.match((await platformCall('GET', at('i-1'))).body, instance, when)
      t.strictSame(
        (await platformCall('GET', `${at('i-1')}/service_bindings/b-1`)).body,
        binding,
        when,
      )
    }
    await opens('before')
    t.match(await command('key', 'seal-rows'), {
      code: 0,
      stdout: /^platforms: 3 rows sealed\n[^]*From now on a row that Kontor did not write/m,
    })
    await kontor.running.runtime.refresh()
    await opens('after')
    const context = { platform: 'kubernetes', namespace: 'space', clusterid: 'c' }
    const order = (id: string) => platformCall('PUT', at(id), { ...ids, ...here, context })
    t.equal((await order('i-2')).status, 201, 'the provider accepts its credentials')
    t.match(await order('i-3'), { status: 400, body: { description: /quota .* "land"/ } })
    t.match(await command('audit', 'verify'), { code: 0 })
    t.equal((await kontor.admin('GET', '/api/integrity')).body.isRight, true)

    await sql.query(
      `insert into platform_credentials (id, platform_id, kind, username, password_digest, created_at)
       select gen_random_uuid(), platform_id, kind, 'thief', password_digest, now()
       from platform_credentials where platform_id = $1`,
      [platform],
    )
    await kontor.running.runtime.refresh()
    const password = Buffer.from(authorization.slice(6), 'base64').toString().split(':')[1] ?? ''
    const thief = `Basic ${Buffer.from(`thief:${password}`).toString('base64')}`
    t.equal(
      (await platformCall('GET', '/v2/catalog', undefined, { authorization: thief })).status,
      401,
    )
    t.equal((await platformCall('GET', '/v2/catalog')).status, 200)
    const { body } = await kontor.admin('GET', '/api/integrity')
    t.match(
      body.tables.flatMap(({ findings }: { findings: string[] }) => findings),
      [/^platform_credentials: Kontor did not write the row/],
    )
  })
