// The kept folder of "growth": a Postgres with databases to copy from, one for each size, and what
// opens them.
import { createHash, randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'

/** The same for all databases of the folder, in a file that only its owner reads. */
export interface Secrets {
  readonly keys: string
  readonly adminToken: string
  /** Of the platform that sends the requests; absent until there is a database. */
  readonly platform?: { readonly id: string; readonly username: string; readonly password: string }
}

export async function openKeptFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await chmod(folder, 0o711) // as root, the account that Postgres runs as must pass
}

export async function readSecrets(folder: string): Promise<Secrets> {
  try {
    return JSON.parse(await readFile(join(folder, 'secrets.json'), 'utf8')) as Secrets
  } catch {
    const secrets = {
      keys: `k1:${randomBytes(32).toString('base64')}`,
      adminToken: randomBytes(32).toString('hex'),
    }
    await writeSecrets(folder, secrets)
    return secrets
  }
}

export async function writeSecrets(folder: string, secrets: Secrets): Promise<void> {
  await writeFile(join(folder, 'secrets.json'), JSON.stringify(secrets), { mode: 0o600 })
}

/** Of what loads the rows: a change of it makes the databases anew. */
export async function digestOfLoader(): Promise<string> {
  const text = await readFile(new URL('../../../test/support/plans/load-rows.ts', import.meta.url))
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}

export interface Databases {
  has(name: string): Promise<boolean>
  /** @param from  the database to copy; undefined: an empty one */
  create(name: string, from?: string): Promise<string>
  rename(from: string, to: string): Promise<void>
  drop(name: string): Promise<void>
  urlOf(name: string): string
  list(): Promise<string[]>
}

/** @param url  of any database of the server */
export function databasesOf(url: string): Databases {
  const query = async (text: string, values: string[] = []) => {
    const client = new pg.Client({ connectionString: urlOf(url, 'postgres') })
    await client.connect()
    return client.query<{ name: string }>(text, values).finally(() => client.end())
  }
  const ours = `select datname as name from pg_database where datname like 'growth%'`
  return {
    has: async (name) => (await query(`${ours} and datname = $1`, [name])).rowCount === 1,
    async create(name, from = 'template0') {
      await query(`create database ${name} template ${from} strategy file_copy`)
      return urlOf(url, name)
    },
    async rename(from, to) {
      await query(`alter database ${from} rename to ${to}`)
    },
    async drop(name) {
      await query(`drop database if exists ${name} with (force)`)
    },
    urlOf: (name) => urlOf(url, name),
    list: async () => (await query(ours)).rows.map(({ name }) => name),
  }
}

function urlOf(url: string, database: string): string {
  const copy = new URL(url)
  copy.pathname = `/${database}`
  return copy.href
}
