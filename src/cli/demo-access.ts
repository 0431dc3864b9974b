// What a second shell needs to reach the demo: `. .kontor/env`.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { writePrivateText } from './demo-secrets.ts'

export interface DemoAccess {
  readonly url: string
  readonly adminToken: string
  readonly databaseUrl: string
  /** Credentials of the first platform. */
  readonly platform: { readonly username: string; readonly password: string } | undefined
  readonly ring: KeySource
}

type KeySource = Pick<Config, 'keys' | 'keysFile'>

/**
 * Writes the variables for a shell. The file holds credentials, so only its owner may read it.
 * @returns its path
 */
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
    `# Written at each start of the demo. Readable by its owner only.\n${lines.join('\n')}\n`,
  )
  return file
}

/**
 * The source of the demo's key ring: the environment, else a file in its folder, to which the user
 * can add a second key.
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
  // An existing file too: Kontor refuses a ring that belongs to another user.
  await writePrivateText(file, ring)
  return { keys: undefined, keysFile: file }
}

/**
 * The database that the environment names; undefined: the demo starts its own. A shell that has
 * read `env` names the demo's own database, which does not run yet.
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
