// How commands of a second shell reach the demo: `. .kontor/env`.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { writePrivateText } from './demo-secrets.ts'

export interface DemoAccess {
  readonly url: string
  readonly adminToken: string
  readonly databaseUrl: string
  /** Of the first platform. */
  readonly platform: { readonly username: string; readonly password: string } | undefined
  readonly ring: KeySource
}

type KeySource = Pick<Config, 'keys' | 'keysFile'>

/** Writes what a shell reads. There are credentials in it, so it is its owner's only. @returns where */
export async function writeAccess(
  folder: string,
  { url, adminToken, databaseUrl, platform, ring }: DemoAccess,
): Promise<string> {
  const variables = {
    KONTOR: url,
    AUTH: platform === undefined ? undefined : `${platform.username}:${platform.password}`,
    KONTOR_URL: url,
    KONTOR_ADMIN_TOKEN: adminToken,
    DATABASE_URL: databaseUrl,
    KONTOR_KEYS: ring.keys,
    KONTOR_KEYS_FILE: ring.keysFile,
  }
  const lines = Object.entries(variables).flatMap(([name, value]) =>
    value === undefined ? [] : [`export ${name}=${quoted(value)}`],
  )
  const file = join(folder, 'env')
  await writePrivateText(
    file,
    `# Written at each start of the demo. Its owner's only.\n${lines.join('\n')}\n`,
  )
  return file
}

/**
 * Where the demo's key ring is: where the environment says, else in a file of its folder, so that a second key can be brought in.
 * @param first  the key that the folder began with
 */
export async function ringOf(
  folder: string,
  { keys, keysFile }: KeySource,
  first: string,
): Promise<KeySource> {
  if (keys !== undefined || keysFile !== undefined) return { keys, keysFile }
  const file = join(folder, 'keys')
  const ring = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return `${first}\n`
    throw error
  })
  // Also what is there: a ring that belongs to somebody else than who starts Kontor is refused.
  await writePrivateText(file, ring)
  return { keys: undefined, keysFile: file }
}

/**
 * The database that the environment names; undefined: the demo brings its own. A shell that has read `env` names the demo's own,
 * which does not run yet.
 */
export async function givenDatabase(
  folder: string,
  { databaseUrl }: Pick<Config, 'databaseUrl'>,
): Promise<string | undefined> {
  const password = await readFile(join(folder, 'postgres/password'), 'utf8').catch(() => undefined)
  const isOwn =
    databaseUrl !== undefined &&
    password !== undefined &&
    new URL(databaseUrl).password === password
  return isOwn ? undefined : databaseUrl
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`
}
