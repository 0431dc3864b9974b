import { lockSealedSets } from '../vault/sealed-rows/write-sealed.ts'
import type { Caller } from './caller.ts'
import { issueCredentialIn, type CredentialDeps } from './credentials/issue.ts'
import { registerPlatformIn } from './platforms/register.ts'

export interface NewPlatform {
  readonly id: string
  readonly name: string
  readonly username: string
  /** Shown once: Kontor keeps a keyed digest of it. */
  readonly password: string
}

/**
 * Creates a platform together with a user name and a password for it.
 * @throws BrokerError `invalid_request` for a name that is not valid, `conflict` for one that is
 * taken
 */
export async function createPlatform(
  deps: Omit<CredentialDeps, 'directory'>,
  caller: Caller,
  name: string,
): Promise<NewPlatform> {
  const now = deps.now()
  return deps.db.transaction().execute(async (tx) => {
    await lockSealedSets(tx, 'platform_credentials', 'platforms')
    const id = await registerPlatformIn(tx, caller, { name }, now)
    const { username, password } = await issueCredentialIn(
      tx,
      deps,
      caller,
      id,
      { kind: 'basic' },
      now,
    )
    if (username === undefined || password === undefined)
      throw new Error('Basic credentials are a user name and a password.')
    return { id, name, username, password }
  })
}
