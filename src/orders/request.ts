import type { Db } from '../db/database.ts'
import { BrokerError } from '../errors.ts'
import type { SignedIn } from '../people/person.ts'
import type { Vault } from '../vault/vault.ts'
import { findByRequest, type Request } from './store.ts'

/** @param key  Idempotency-Key; undefined: the request had none */
export function requestOf(
  vault: Pick<Vault, 'fingerprint'>,
  key: string | undefined,
  given: unknown,
): Request | undefined {
  return key === undefined ? undefined : { key, digest: vault.fingerprint(given) }
}

/**
 * The number of the order that the same request has made before.
 * @throws BrokerError `conflict` when the person has sent the key with another request
 */
export async function findRepeated(
  db: Db,
  { person }: Pick<SignedIn, 'person'>,
  request: Request | undefined,
): Promise<string | undefined> {
  if (request === undefined) return undefined
  const found = await findByRequest(db, person.id, request.key)
  if (found !== undefined) assertSame(request, found.digest)
  return found?.number
}

/** @throws BrokerError `conflict` */
export function assertSame({ digest }: Request, before: Buffer | null): void {
  if (before?.equals(digest) !== true)
    throw new BrokerError(
      'conflict',
      'You have sent this Idempotency-Key with another request. Send a new key.',
    )
}
