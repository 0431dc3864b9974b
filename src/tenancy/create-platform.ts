import type { Caller } from './caller.ts'
import type { CredentialDeps } from './credentials/issue.ts'
import { issueCredentialIn } from './credentials/issue.ts'
import { registerPlatformIn } from './platforms/register.ts'

/** Shown once: only a keyed digest of the password is kept. */
export interface PlatformCredentials {
  readonly username: string
  readonly password: string
}

export interface NewPlatform extends PlatformCredentials {
  readonly id: string
  readonly name: string
}

/**
 * Creates a platform with credentials of its own.
 * @throws BrokerError `invalid_request` for a name that cannot be, `conflict` for one that is taken
 */
export async function createPlatform(
  deps: CredentialDeps,
  caller: Caller,
  name: string,
): Promise<NewPlatform> {
  const now = deps.now()
  return deps.db.transaction().execute(async (tx) => {
    const id = await registerPlatformIn(tx, caller, { name }, now)
    const { username, password } = await issueCredentialIn(
      deps,
      tx,
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
