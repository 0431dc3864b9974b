import { randomBytes } from 'node:crypto'
import { record } from '../audit/record.ts'
import { announce } from '../db/channels.ts'
import type { Db, Tx } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { Vault } from '../vault/vault.ts'
import { findPlatformByName, insertCredential, insertPlatform } from './store.ts'

/** Shown once: only a keyed digest of the password is kept. */
export interface PlatformCredentials {
  readonly username: string
  readonly password: string
}

export interface NewPlatform extends PlatformCredentials {
  readonly id: string
  readonly name: string
}

export interface TenancyDeps {
  readonly db: Db
  readonly vault: Vault
  readonly now: () => Date
}

const namePattern = /^[a-z][a-z0-9-]{0,61}[a-z0-9]$/

/**
 * Creates a platform with credentials of its own.
 * @throws BrokerError `invalid_request` for a name that cannot be, `conflict` for one that is taken
 */
export async function createPlatform (deps: TenancyDeps, name: string): Promise<NewPlatform> {
  if (!namePattern.test(name)) throw new BrokerError('invalid_request', 'A platform\'s name is 2 to 63 lower case letters, digits and hyphens, and begins with a letter.')
  const now = deps.now()
  const id = newId(now)
  const credentials = generate(name)
  await deps.db.transaction().execute(async (tx) => {
    if (!await insertPlatform(tx, { id, name }, now)) throw new BrokerError('conflict', `A platform named "${name}" exists already.`)
    await keep(deps, tx, id, credentials, now)
  })
  return { id, name, ...credentials }
}

/** Credentials for a platform, which is created if there is none of that name; earlier ones stay valid. */
export async function issueCredentials (deps: TenancyDeps, name: string): Promise<PlatformCredentials> {
  const now = deps.now()
  const credentials = generate(name)
  await deps.db.transaction().execute(async (tx) => {
    await insertPlatform(tx, { id: newId(now), name }, now)
    const platform = await findPlatformByName(tx, name)
    if (platform === undefined) throw new BrokerError('conflict', `The platform "${name}" has just been removed.`)
    await keep(deps, tx, platform.id, credentials, now)
  })
  return credentials
}

function generate (name: string): PlatformCredentials {
  return { username: `${name}-${randomBytes(4).toString('hex')}`, password: randomBytes(24).toString('base64url') }
}

async function keep (deps: TenancyDeps, tx: Tx, platformId: string, credentials: PlatformCredentials, now: Date): Promise<void> {
  await insertCredential(tx, newId(now), platformId, credentials.username, deps.vault.digest(credentials.password), now)
  await record(tx, { at: now, actor: 'admin', action: 'issue credentials', objectKind: 'platform', objectId: platformId, outcome: 'succeeded', platformId })
  await announce(tx, 'platforms')
}
