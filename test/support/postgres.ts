// A separate database for each test, cloned from a template that is migrated once per server.
import { createHash, randomBytes } from 'node:crypto'
import { readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import tap from 'tap'
import './refuse-empty-patterns.ts' // not preloaded when a file runs alone
import { makeTemporaryFolder } from '../../scripts/temporary-folder.ts'
import { startPostgres } from '../../tools/embedded-postgres/start.ts'
import type { Teardown } from './teardown.ts'

export type TestDatabase = { url: string }
export type MigratedDatabase = TestDatabase & {
  /** As the role that serves: `url` is that of a superuser. */
  servingUrl: string
}
/** A template other than that of Kontor's migrations. */
export type Template = { name: string; migrate(url: string): Promise<unknown> }

const servingRole = 'kontor_test_serving'
const root = fileURLToPath(new URL('../..', import.meta.url))
let server: Promise<string> | undefined
let template: Promise<string> | undefined

/** A database with all migrations applied; the teardown of `t` drops it with its connections. */
export async function createDatabase(t: Teardown, own?: Template): Promise<MigratedDatabase> {
  const url = await findServer()
  const from =
    own === undefined
      ? await (template ??= nameOurs().then((ours) => makeTemplate(url, ours)))
      : await makeTemplate(url, own)
  const created = await clone(t, url, from)
  return { ...created, servingUrl: signInAs(created.url, servingRole) }
}

/** The URL of the same database for another role, whose password is its name. */
export function signInAs(url: string, role: string): string {
  const copy = new URL(url)
  copy.username = role
  copy.password = role
  return copy.href
}

/** A database without any table of Kontor. */
export async function createEmptyDatabase(t: Teardown): Promise<TestDatabase> {
  return clone(t, await findServer(), 'template0')
}

// Files run by scripts/test.ts share one server; a file that runs alone starts its own.
function findServer(): Promise<string> {
  const given = process.env['KONTOR_TEST_DATABASE_URL']
  return (server ??= given ? Promise.resolve(given) : startOwn())
}

async function startOwn(): Promise<string> {
  const folder = await makeTemporaryFolder('test')
  const own = await startPostgres({ folder, durable: false })
  tap.teardown(async () => {
    await own.stop()
    await rm(folder, { recursive: true, force: true })
  })
  return own.url
}

async function clone(t: Teardown, url: string, from: string): Promise<TestDatabase> {
  const name = `kontor_test_${randomBytes(6).toString('hex')}`
  await withAdmin(url, (admin) =>
    admin.query(`create database ${name} template ${from} strategy file_copy`),
  )
  t.teardown(() =>
    withAdmin(url, async (admin) => {
      await admin.query(`drop database if exists ${name} with (force)`)
    }),
  )
  return { url: nameDatabase(url, name) }
}

async function makeTemplate(url: string, { name, migrate }: Template): Promise<string> {
  return withAdmin(url, async (admin) => {
    // Each test file is a process: the first creates the template, the others wait. The lock ends
    // with the session.
    await admin.query('select pg_advisory_lock(hashtext($1))', [name])
    const { rowCount } = await admin.query('select from pg_database where datname = $1', [name])
    if (rowCount !== 0) return name
    // Renamed when finished, so that a failed migration leaves no incomplete template.
    const draft = `${name}_draft`
    await admin.query(`drop database if exists ${draft} with (force)`)
    await admin.query(`create database ${draft} template template0`)
    await migrate(nameDatabase(url, draft))
    await admin.query(`alter database ${draft} rename to ${name}`)
    return name
  })
}

// The name is a digest of the template's sources: a server that outlives a change of the migrations
// gets a new template.
async function nameOurs(): Promise<Template> {
  const folder = join(root, 'migrations')
  const migrations = (await readdir(folder))
    .filter((name) => name.endsWith('.sql'))
    .toSorted()
    .map((name) => join(folder, name))
  const hash = createHash('sha256')
  const others = [
    'src/migrate.ts',
    'src/db/migration-files.ts',
    'src/db/run-migration.ts',
    'src/db/serving-rights.gen.ts',
    'src/db/serving-role.ts',
    'package.json',
  ].map((name) => join(root, name))
  for (const path of [...migrations, ...others]) {
    hash
      .update(path.slice(root.length))
      .update('\0')
      .update(await readFile(path))
      .update('\0')
  }
  return { name: `kontor_template_${hash.digest('hex').slice(0, 12)}`, migrate }
}

async function migrate(url: string): Promise<void> {
  await withAdmin(url, (admin) => createRole(admin, servingRole))
  const { migrateToLatest } = await import('../../src/migrate.ts')
  await migrateToLatest(url, { servingRole })
}

/** Roles belong to the server: another template, or an earlier run, may have created it. */
async function createRole(admin: pg.Client, role: string): Promise<void> {
  await admin.query(`create role ${role} login password '${role}'`).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === '42710') return
    throw error
  })
}

async function withAdmin<T>(url: string, act: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  return act(admin).finally(() => admin.end())
}

function nameDatabase(url: string, name: string): string {
  const copy = new URL(url)
  copy.pathname = `/${name}`
  return copy.href
}
